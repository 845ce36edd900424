import Accounts
import Service
import System

/// All of `postern status`, from one look.
struct StatusReport {
    let title: String
    let lines: [StatusLine]
    /// The last logins, for people; the same with names for programs.
    let events: [[String]]
    let eventsJSON: [JSON]

    var health: Health { lines.map(\.health).max() ?? .down }

    /// What is not well comes first.
    var text: String {
        let ordered =
            lines.filter { $0.health == .down } + lines.filter { $0.health == .degraded }
            + lines.filter { $0.health == .well }
        var table = TextTable()
        for event in events { table.add(event) }
        return TerminalText.safe(title) + "\n\n" + ordered.map(\.text).joined()
            + (events.isEmpty ? "" : "\n" + table.text)
    }

    var json: JSON {
        let parts = lines.map { line in
            (line.subject, JSON.object([("state", JSON.text(line.health.word))] + line.json))
        }
        return .object(
            [("release", .text(Version.text)), ("state", .text(health.word))] + parts
                + [("last_logins", .list(eventsJSON))])
    }
}

extension StatusReport {
    /// - Parameters:
    ///   - names: kept from one look to the next, with their connection to MariaDB.
    ///   - systemd: the folder that tells which workers are enabled; `nil` where systemd does not run them.
    init(_ settings: Settings, files: [String], _ names: UserNames, systemd: String?, now: Moment) {
        guard let database = names.database else {
            let line = StatusLine(subject: "database", health: .degraded, head: "unusable", detail: names.failure ?? "")
            self.init(title: StatusReport.title(settings, files, nil, now), lines: [line], events: [], eventsJSON: [])
            return
        }
        let place = settings.database.server.isEmpty ? settings.database.socket : settings.database.server
        let store = StoreGlance(settings, database, place: place)
        var lines: [StatusLine] = []
        var started: WorkersGlance?
        do throws(SystemError) {
            let workers = try WorkersGlance(settings, systemd: systemd, now: now)
            started = workers
            lines += [workers.line, workers.requests, workers.checks, workers.logins(store.logins)]
        } catch {
            lines.append(StatusLine(subject: "workers", health: .down, head: "unknown", detail: "\(error)"))
        }
        lines += [store.line, KeysGlance.line(settings, now: now)]
        lines += store.users.map { [$0] } ?? []
        lines += TableGlance.lines(settings, byHand: store.bans, now: now)
        let events = store.events.reversed().map { ($0, $0.user.flatMap { names.user($0) }) }
        self.init(
            title: StatusReport.title(settings, files, started, now), lines: lines,
            events: events.map { LoginOutcomeText($0, user: $1).overview },
            eventsJSON: events.map { LoginOutcomeText($0, user: $1).json })
    }

    /// For whoever may not look inside.
    init(publicOnly settings: Settings, files: [String], now: Moment) {
        self.init(
            title: StatusReport.title(settings, files, nil, now), lines: PublicGlance.lines(settings, now: now),
            events: [], eventsJSON: [])
    }

    /// "postern 0.3.0 on web1 · up 12 days · settings of 2026-11-22T09:14:00Z (postern.toml, conf.d/10-limits.toml)"
    private static func title(
        _ settings: Settings, _ files: [String], _ workers: WorkersGlance?, _ now: Moment
    ) -> String {
        let living = workers?.living ?? []
        let host = (try? Files.read("/proc/sys/kernel/hostname", limit: 256)).map { bytes in
            String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
        let up = living.map(\.startedWall).min().map { "up \(TimeSpan.past(seconds: Int(now.wall) - $0))" }
        // The oldest: a worker that has not taken a reload shows.
        let since = living.map(\.settingsWall).min().map { "settings of \(Timestamp.text(Int64($0)))" } ?? "settings"
        let folder = files.first.map(Rights.folder) ?? ""
        let short = files.map { $0.hasPrefix(folder + "/") ? String($0.dropFirst(folder.count + 1)) : $0 }
        let parts = [
            "postern \(Version.text)" + (host.map { " on \($0)" } ?? ""), up,
            "\(since) (\(short.joined(separator: ", ")))",
        ]
        return parts.compactMap { $0 }.joined(separator: " · ")
    }
}

import Service
import System

/// The workers, from the files that they leave and from proc(5).
struct WorkersGlance {
    /// A worker that has not written for so long, ns, has its housekeeping thread stuck.
    private static let silence = 10_000_000_000

    struct Seen {
        let status: WorkerStatus
        /// `nil`: it was killed, and none of its number has come after it.
        let process: RunningProcess?
    }

    /// Living ones, and killed ones that should be there: one that was killed and then disabled is no matter.
    let workers: [Seen]
    /// Numbers that systemd should have running; empty where it does not run them.
    let expected: [String]
    let now: Moment

    /// - Parameter systemd: the folder of links that `systemctl enable` makes.
    init(_ settings: Settings, systemd: String?, now: Moment) throws(SystemError) {
        let statuses = try StatusFolder(settings).all()
        let enabled = systemd.map(WorkersGlance.enabled) ?? []
        workers = statuses.map { status in
            let process = RunningProcess.of(status.pid)
            return Seen(status: status, process: process?.startTicks == status.startTicks ? process : nil)
        }.filter { $0.process != nil || enabled.isEmpty || enabled.contains($0.status.number) }
        expected = enabled
        self.now = now
    }

    /// "1", "2" of "postern-worker@1.service" and the like.
    private static func enabled(_ folder: String) -> [String] {
        let (head, tail) = ("postern-worker@", ".service")
        return ((try? Files.list(folder)) ?? []).filter { $0.hasPrefix(head) && $0.hasSuffix(tail) }
            .map { String($0.dropFirst(head.count).dropLast(tail.count)) }
    }

    var living: [WorkerStatus] { workers.filter { $0.process != nil }.map(\.status) }

    private var ready: [WorkerStatus] { living.filter { fault($0) == nil } }

    /// Those that are there, those that should be.
    private var wanted: Int { Set(workers.map(\.status.number) + expected).count }

    private func fault(_ status: WorkerStatus) -> String? {
        switch status.state {
        case .notSound: "\(status.number) stands still"
        case .draining: "\(status.number) is ending"
        case .ready where Int(now.boot) - status.writtenBoot > WorkersGlance.silence:
            "\(status.number) is silent for \(TimeSpan.past(seconds: Int(now.wall) - status.writtenWall))"
        case .ready: nil
        }
    }

    private var faults: [String] {
        let numbers = Set(living.map(\.number))
        let killed = workers.filter { $0.process == nil }.map { seen in
            "\(seen.status.number) was killed \(TimeSpan.past(seconds: Int(now.wall) - seen.status.writtenWall)) ago"
        }
        let missing = expected.filter { number in !workers.contains { $0.status.number == number } }
        return living.compactMap(fault) + killed + missing.filter { !numbers.contains($0) }.map { "\($0) does not run" }
    }

    var line: StatusLine {
        let health: Health = ready.isEmpty ? .down : faults.isEmpty ? .well : .degraded
        let crashes = workers.reduce(0) { $0 + $1.status.crashes }
        let lastCrash = workers.map(\.status.crashWall).max() ?? 0
        var parts = faults
        parts += workers.compactMap { seen in
            guard let process = seen.process else { return nil }
            let age = TimeSpan.past(seconds: Int(now.wall) - seen.status.startedWall)
            return "\(seen.status.number): \(process.residentKiB / 1024) MiB, \(age)"
        }
        if crashes > 0 { parts.append("killed \(crashes) (\(Timestamp.text(Int64(lastCrash))))") }
        return StatusLine(
            subject: "workers", health: health,
            head: workers.isEmpty && expected.isEmpty ? "none runs" : "\(ready.count) of \(wanted) ready",
            detail: parts.joined(separator: "    "),
            hint: health == .well ? "" : "systemctl status postern 'postern-worker@*'", json: json)
    }

    private var json: [(name: String, value: JSON)] {
        let list = workers.map { seen in
            let status = seen.status
            return JSON.object([
                ("worker", .text(status.number)), ("pid", .number(status.pid)), ("release", .text(status.release)),
                ("running", .flag(seen.process != nil)), ("state", .text(status.state.rawValue)),
                ("fault", JSON(seen.process == nil ? "killed" : fault(status))),
                ("resident_kib", .number(seen.process?.residentKiB ?? 0)),
                ("started", .text(Timestamp.text(Int64(status.startedWall)))),
                ("settings", .text(Timestamp.text(Int64(status.settingsWall)))),
                ("crashes", .number(status.crashes)), ("connections", .number(status.connections)),
            ])
        }
        return [
            ("ready", .number(ready.count)), ("wanted", .number(wanted)), ("faults", .list(faults.map(JSON.text))),
            ("list", .list(list)),
        ]
    }

    // MARK: What they have done

    /// The last seconds of those that live, put together.
    var requests: StatusLine {
        let recent = living.reduce(AnswerTotals()) { $0 + $1.recent }
        let all = living.reduce(AnswerTotals()) { $0 + $1.answers }
        let perSecond = WorkersGlance.perSecond(living) { $0.recent.all }
        let times = [("p50", 0.5), ("p99", 0.99)].map { name, share in
            "\(name) " + (DurationScale.percentile(share, of: recent.steps).map(Figure.milliseconds) ?? "-")
        }
        let shares = [("401", AnswerClass.unauthorized), ("403", .forbidden), ("429", .limited)].map { name, part in
            "\(name) \(Figure.percent(recent[part], of: recent.all))"
        }
        let words = times + shares + ["5xx \(Figure.grouped(all[.failed])) since the start"]
        return StatusLine(
            subject: "requests", head: "\(Figure.grouped(perSecond))/s", detail: words.joined(separator: "   "),
            json: WorkersGlance.json(recent, all, perSecond: perSecond))
    }

    private static func json(
        _ recent: AnswerTotals, _ all: AnswerTotals, perSecond: Int
    ) -> [(name: String, value: JSON)] {
        let time = { (share: Double) in
            DurationScale.percentile(share, of: recent.steps).map { JSON.number(Int($0 / 1000)) } ?? .null
        }
        return [
            ("per_second", .number(perSecond)), ("p50_us", time(0.5)), ("p99_us", time(0.99)),
            ("recent", classes(recent)), ("since_start", classes(all)),
        ]
    }

    private static func classes(_ totals: AnswerTotals) -> JSON {
        .object([
            ("good", .number(totals[.good])), ("401", .number(totals[.unauthorized])),
            ("403", .number(totals[.forbidden])), ("429", .number(totals[.limited])),
            ("other_4xx", .number(totals[.otherRefusal])), ("5xx", .number(totals[.failed])),
        ])
    }

    /// What became of the checks of protected locations.
    var checks: StatusLine {
        let recent = living.reduce(CheckTotals()) { $0 + $1.recentChecks }
        let all = living.reduce(CheckTotals()) { $0 + $1.checks }
        let perSecond = WorkersGlance.perSecond(living) { $0.recentChecks.all }
        let shares = WorkersGlance.checkNames.map { name, part in
            "\(name) \(Figure.percent(recent[part], of: recent.all))"
        }
        return StatusLine(
            subject: "checks", head: "\(Figure.grouped(perSecond))/s",
            detail: all.all == 0 ? "none since the start" : shares.joined(separator: "   "),
            json: [
                ("per_second", .number(perSecond)), ("recent", WorkersGlance.json(recent)),
                ("since_start", WorkersGlance.json(all)),
            ])
    }

    private static let checkNames: [(name: String, part: CheckClass)] = [
        ("pass", .passed), ("401", .unauthorized), ("403", .forbidden), ("429", .limited), ("503", .unavailable),
    ]

    private static func json(_ totals: CheckTotals) -> JSON {
        .object(checkNames.map { ($0.name, .number(totals[$0.part])) })
    }

    /// Each worker's seconds are its own.
    private static func perSecond(_ workers: [WorkerStatus], _ count: (WorkerStatus) -> Int) -> Int {
        workers.reduce(0) { sum, status in
            sum + (status.recentMilliseconds > 0 ? count(status) * 1000 / status.recentMilliseconds : 0)
        }
    }

    /// - Parameter stored: what MariaDB has of the last 24 hours, in words; `nil`: since the start is what is known.
    func logins(_ stored: String?) -> StatusLine {
        let totals = living.reduce(LoginTotals()) { $0 + $1.logins }
        let hash = living.map(\.hashMicroseconds).max() ?? 0
        let waiting = living.reduce(0) { $0 + $1.hashWaiting }
        let room = living.reduce(0) { $0 + $1.hashRoom }
        let own = "\(totals.ok) ok, \(totals.failed) failed, \(totals.blocked) blocked"
        return StatusLine(
            subject: "logins", head: "hash \(Figure.milliseconds(UInt64(hash) * 1000))",
            detail: (stored.map { "24 h: \($0)" } ?? "since the start: \(own)")
                + " · queue \(waiting) of \(room) · refused busy \(totals.busy)",
            json: [
                ("ok", .number(totals.ok)), ("failed", .number(totals.failed)), ("blocked", .number(totals.blocked)),
                ("busy", .number(totals.busy)), ("hash_us", .number(hash)), ("queue", .number(waiting)),
                ("queue_room", .number(room)),
            ])
    }
}

import RateWindows
import Service
import System

/// The rate table: how full, who is banned, what was refused.
enum TableGlance {
    /// - Parameter byHand: bans that MariaDB has; `nil` while it is away.
    static func lines(_ settings: Settings, byHand: Int?, now: Moment) -> [StatusLine] {
        do {
            guard let table = try WorkersTable.open(settings), let usage = table.usage(at: now.boot),
                let statistics = table.statistics()
            else {
                return [
                    StatusLine(
                        subject: "limits", health: .degraded, head: "no table",
                        detail: "\(settings.service.ratesFile): the first worker makes it")
                ]
            }
            let bans = try AutomaticBans.all(table, at: now.boot).count
            return [full(usage, statistics), banned(byHand, bans), refused(table.limitCounts() ?? [], settings)]
        } catch {
            return [
                StatusLine(
                    subject: "limits", health: .degraded, head: "unusable", detail: "\(error)", hint: "postern check",
                    json: [("error", .text("\(error)"))])
            ]
        }
    }

    private static func full(_ usage: Usage, _ statistics: Statistics) -> StatusLine {
        let crowded = Int(clamping: statistics.refusedCrowded + statistics.refusedByOverflow)
        let (shared, lost) = (Int(clamping: statistics.overflowDecisions), Int(clamping: statistics.marksLost))
        var detail = ["\(Figure.grouped(usage.used)) of \(Figure.grouped(usage.capacity))"]
        detail += parts(usage).filter { $0.part.used * 4 >= $0.part.capacity * 3 }
            .map { "\($0.name) \(Figure.percent($0.part.used, of: $0.part.capacity)) full" }
        if shared > 0 {
            detail.append("\(Figure.grouped(shared)) requests met full places, \(Figure.grouped(crowded)) were refused")
        }
        if lost > 0 { detail.append("\(Figure.grouped(lost)) pauses, bans and wrong passwords found no place") }
        return StatusLine(
            subject: "limits", head: "\(Figure.percent(usage.used, of: usage.capacity)) full",
            detail: detail.joined(separator: " · "),
            json: [
                ("used", .number(usage.used)), ("capacity", .number(usage.capacity)),
                ("parts", .object(parts(usage).map { ($0.name, json($0.part)) })), ("shared", .number(shared)),
                ("refused_crowded", .number(crowded)),
                ("refused_stale", .number(Int(clamping: statistics.refusedStale))),
                ("refused_contended", .number(Int(clamping: statistics.refusedContended))),
                ("marks_lost", .number(lost)),
            ])
    }

    /// Each can be full while the others are empty.
    private static func parts(_ usage: Usage) -> [(name: String, part: Usage.Part)] {
        [("addresses", usage.addresses), ("users", usage.users), ("names", usage.names), ("marks", usage.marks)]
    }

    private static func json(_ part: Usage.Part) -> JSON {
        .object([("used", .number(part.used)), ("capacity", .number(part.capacity))])
    }

    private static func banned(_ byHand: Int?, _ automatic: Int) -> StatusLine {
        StatusLine(
            subject: "banned", head: "\(automatic + (byHand ?? 0))",
            detail: "\(byHand.map(String.init) ?? "?") by hand, \(automatic) for failed logins",
            hint: "postern ban list",
            json: [("by_hand", byHand.map(JSON.number) ?? .null), ("automatic", .number(automatic))])
    }

    private static func refused(_ counts: [LimitCounts], _ settings: Settings) -> StatusLine {
        let labels = LimitLabels(settings)
        let names = counts.map { count in
            (count.limit == 0 ? "others" : labels.name(count.limit << 4), Int(clamping: count.refused))
        }.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }
        let words = names.prefix(4).map { "\($0.0) \(Figure.grouped($0.1))" }.joined(separator: ", ")
        return StatusLine(
            subject: "refused", head: Figure.grouped(names.reduce(0) { $0 + $1.1 }),
            detail: words.isEmpty ? "none since the table was made" : words + " since the table was made",
            hint: "postern limit top", json: names.map { ($0.0, JSON.number($0.1)) })
    }
}

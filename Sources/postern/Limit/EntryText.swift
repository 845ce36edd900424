import Accounts
import RateWindows
import Service
import System

/// An entry of the rate table as people and programs read it.
struct EntryText {
    static let heading = ["KEY", "USER", "LIMIT", "USED", "NEXT PLACE", "ALL FREE"]

    let entry: EntryReport
    /// In place of a fingerprint, where it is known what it stands for.
    let label: String?
    let user: User?
    let labels: LimitLabels
    let now: Moment

    var row: [String] {
        [key, user?.email.text ?? "", labels.label(entry.number), used, nextPlace, TimeSpan.left(left(entry.endsAt))]
    }

    /// "20 of 20 in 1m"; marks are no places.
    var used: String {
        if entry.isMark { return entry.used == 1 ? "marked" : "\(entry.used) marks" }
        return "\(entry.used) of \(entry.limit) in \(TimeSpan.window(entry.window))"
    }

    var json: JSON {
        .object([
            ("key", .text(key)), ("kind", JSON(entry.key.map { LimitFilter.name($0.kind) })),
            ("user", JSON(user?.id.description)), ("email", JSON(user?.email.text)),
            ("limit", .text(labels.name(entry.number))), ("rule", .number(Int(entry.number))),
            ("mark", .flag(entry.isMark)), ("used", .number(Int(entry.used))), ("of", .number(Int(entry.limit))),
            ("window_ms", .number(Int(entry.window / 1_000_000))), ("blocked", .flag(isBlocked)),
            ("next_place_ms", .number(isBlocked ? milliseconds(entry.freeAt) : 0)),
            ("all_free_ms", .number(milliseconds(entry.endsAt))),
        ])
    }

    private var key: String { label ?? entry.key?.text ?? "(shared by keys without room)" }
    private var isBlocked: Bool { !entry.isMark && entry.used >= entry.limit }
    private var nextPlace: String { isBlocked ? TimeSpan.left(left(entry.freeAt)) : "now" }

    private func left(_ boot: UInt64) -> UInt64 { boot > now.boot ? boot - now.boot : 0 }
    private func milliseconds(_ boot: UInt64) -> Int { Int((left(boot) + 999_999) / 1_000_000) }
}

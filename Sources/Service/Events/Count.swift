/// How often something has happened since the start, and the event that tells when it rises.
public struct Count: Sendable {
    public let event: StaticString
    public let fields: [(name: StaticString, value: String)]
    public let total: Int
    /// A fault of ours; else a warning.
    public let isDefect: Bool

    public init(_ event: StaticString, reason: String? = nil, total: Int, isDefect: Bool = false) {
        var fields: [(name: StaticString, value: String)] = []
        if let reason { fields.append(("reason", reason)) }
        self.init(event, fields, total: total, isDefect: isDefect)
    }

    public init(
        _ event: StaticString, _ fields: [(name: StaticString, value: String)], total: Int, isDefect: Bool = false
    ) {
        self.event = event
        self.fields = fields
        self.total = total
        self.isDefect = isDefect
    }

    var line: String { fields.reduce("\(event)") { "\($0) \($1.name)=\($1.value)" } }
}

/// Tells of counts that rose: the first time at once, then at most once a minute for each.
struct CountEvents: Sendable {
    private static let pause: UInt64 = 60_000_000_000

    private struct Told {
        var total = 0
        var before = 0
        /// CLOCK_BOOTTIME, ns: not told again before.
        var next: UInt64 = 0
    }

    private var told: [String: Told] = [:]

    /// The event to write, with what came since the last one.
    mutating func event(_ count: Count, at boot: UInt64) -> Event? {
        let name = count.line
        var known = told[name] ?? Told()
        // After a reload a new object counts from 0.
        if count.total < known.total { known.total = 0 }
        defer { told[name] = known }
        guard count.total > known.total, boot >= known.next else { return nil }
        let rise = count.total - known.total
        known = Told(total: count.total, before: known.total, next: boot + CountEvents.pause)
        var event = Event(count.event)
        event.fields = count.fields
        return event.with("count", rise)
    }

    /// The event was lost: the next one, a minute later, tells of this rise as well.
    mutating func wasLost(_ count: Count) {
        let name = count.line
        if let known = told[name] { told[name]?.total = known.before }
    }
}

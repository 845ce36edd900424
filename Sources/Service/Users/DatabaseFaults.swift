import Accounts
import HTTP
import Synchronization
import System

/// What a database error means for a request and for the journal.
///
/// An outage is told once by the pool (`database.away`). Everything else, a missing right, a missing migration, would
/// leave no trace behind its 503, so it gets a line here, at most one a second.
final class DatabaseFaults: Sendable {
    private static let interval: UInt64 = 1_000_000_000

    private let events: @Sendable () -> EventLog
    private let isAway: @Sendable () -> Bool
    private let nextLine = Atomic<UInt64>(0)

    /// - Parameter events: asked anew for each line.
    init(events: @escaping @autoclosure @Sendable () -> EventLog, isAway: @escaping @Sendable () -> Bool) {
        self.events = events
        self.isAway = isAway
    }

    func problem(_ error: AccountsError) -> Problem {
        if isAway() { return Problems.unavailable(reason: "database_away") }
        let now = Moment.now().boot
        let next = nextLine.load(ordering: .relaxed)
        let isOurs =
            now >= next
            && nextLine.compareExchange(
                expected: next, desired: now + DatabaseFaults.interval, ordering: .relaxed
            ).exchanged
        if isOurs {
            let reason = "\(error)".split(separator: "\n").map { String($0) }.joined(separator: " ")
            events().error(
                Event("database.failed").with("error", error.databaseCode.map(String.init)).with("reason", reason))
        }
        return Problems.unavailable(reason: "database_failed")
    }
}

import Synchronization
import System

/// Holds the answers of blocked guesses back until a wrong password would be answered, without a thread and without
/// a hash: who waits for a pause or has spent a budget learns nothing from the time of the answer.
final class Parking: Sendable {
    /// Answers that wait at most; each holds its connection.
    static let capacity = 10_000

    private let queue: TimerQueue
    private let times = Mutex(FailureTimes())

    init(capacity: Int = Parking.capacity) { queue = TimerQueue(name: "parking", capacity: capacity) }

    func start() throws(SystemError) { try queue.start() }

    /// Gives at once every answer that still waits.
    func stop() { queue.stop() }

    var count: Int { queue.count }

    /// To be called when a wrong password was looked at and the answer goes out now.
    ///
    /// - Parameter begin: the request's clock reading, ns.
    func noteFailure(since begin: UInt64) {
        let now = Moment.now().boot
        guard now > begin else { return }
        times.withLock { $0.note(now - begin) }
    }

    /// Calls `answer` when a wrong password that came at `begin` would be answered; false when there is no room.
    func hold(since begin: UInt64, bcryptCost: Int, _ answer: @escaping @Sendable () -> Void) -> Bool {
        var generator = SystemRandomNumberGenerator()
        let duration = times.withLock { $0.draw(bcryptCost: bcryptCost, using: &generator) }
        let now = Moment.now().boot
        return queue.add(at: Parking.due(since: begin, duration, now: now), answer)
    }

    /// A reading of the clock from the future, which only a test brings, counts as now.
    static func due(since begin: UInt64, _ duration: UInt64, now: UInt64) -> UInt64 { min(begin, now) + duration }
}

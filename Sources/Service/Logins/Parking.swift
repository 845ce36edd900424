import Synchronization
import System

/// Holds the answers of blocked guesses back until a wrong password would be answered, without a thread and without
/// a hash: who waits for a pause or has spent a budget learns nothing from the time of the answer.
final class Parking: Sendable {
    /// Answers that wait at most. Each holds its connection: half of those that a worker takes are left for the rest.
    static let capacity = 2048

    private let queue: TimerQueue
    private let times = Mutex(FailureTimes())

    init(capacity: Int = Parking.capacity) { queue = TimerQueue(name: "parking", capacity: capacity) }

    func start() throws(SystemError) { try queue.start() }

    /// Gives at once every answer that still waits.
    func stop() { queue.stop() }

    var count: Int { queue.count }

    /// To be called when a wrong password was looked at and the answer goes out now.
    ///
    /// - Parameter duration: of the look, ns, without the wait for it: that is another's when the draw is made.
    func noteFailure(_ duration: UInt64) { times.withLock { $0.note(duration) } }

    /// Calls `answer` when a wrong password would be answered; false when there is no room.
    ///
    /// - Parameter wait: how long a hash would have to wait now, ns.
    func hold(after wait: UInt64, bcryptCost: Int, _ answer: @escaping @Sendable () -> Void) -> Bool {
        queue.add(at: Moment.now().boot + wait + draw(bcryptCost: bcryptCost), answer)
    }

    /// How long the look at a wrong password takes, ns.
    func draw(bcryptCost: Int) -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return times.withLock { $0.draw(bcryptCost: bcryptCost, using: &generator) }
    }
}

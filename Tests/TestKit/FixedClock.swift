import Synchronization
import System

/// A clock that stands still until it is moved.
public final class FixedClock: Sendable {
    private let moment: Mutex<Moment>

    public init(boot: UInt64 = 1_000_000_000_000, wall: Int64 = 1_800_000_000) {
        moment = Mutex(Moment(boot: boot, wall: wall))
    }

    public var now: Moment { moment.withLock { $0 } }

    /// Moves both clocks.
    public func advance(seconds: Int64) {
        moment.withLock {
            $0.boot &+= UInt64(bitPattern: seconds * 1_000_000_000)
            $0.wall += seconds
        }
    }
}

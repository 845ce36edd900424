import Accounts
import Synchronization
import System

/// Hands on when service tokens were used, to be written to MariaDB behind the answers: of each at most once a minute.
final class ServiceTokenUses: Sendable {
    private static let interval: UInt64 = 60_000_000_000
    private static let capacity = 4096

    private let recorder: LoginRecorder
    /// By the token's number: not again before, CLOCK_BOOTTIME, ns.
    private let common = Mutex<[UInt64: UInt64]>([:])
    /// What a thread knows of it: it then asks no lock that others want.
    private let nearby = PerThread { [UInt64: UInt64]() }

    init(recorder: LoginRecorder) { self.recorder = recorder }

    func note(_ token: ServiceToken, from address: String, at moment: Moment) {
        let now = moment.boot
        if let next = nearby.withValue({ $0[token.id] }), now < next { return }
        let (isDue, next) = common.withLock { known in
            if let next = known[token.id], now < next { return (false, next) }
            let next = now + ServiceTokenUses.interval
            ServiceTokenUses.keep(next, of: token.id, in: &known, at: now)
            return (true, next)
        }
        nearby.withValue { ServiceTokenUses.keep(next, of: token.id, in: &$0, at: now) }
        if isDue { recorder.noteUse(of: token.id, from: address, at: moment.wall) }
    }

    /// Of a full one, what is over goes first, then everything: a use is then handed on once more than needed.
    private static func keep(_ next: UInt64, of token: UInt64, in known: inout [UInt64: UInt64], at now: UInt64) {
        if known.count >= capacity {
            known = known.filter { $0.value > now }
            if known.count >= capacity { known = [:] }
        }
        known[token] = next
    }
}

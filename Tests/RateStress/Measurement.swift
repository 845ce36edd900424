import Glibc
import RateWindows
import System

/// What one decision costs on one thread: `--measure --keys 1000 --capacity 65536 --limit 20`.
struct Measurement {
    let options: Options

    init(_ options: Options) { self.options = options }

    func run() throws {
        let path = "/dev/shm/rate-measure.\(getpid())"
        let table = try Table.open(path: path, capacity: options.capacity, owner: geteuid())
        defer { unsafe unlink(path) }
        guard
            let rule = Rule(
                number: 1, limit: options.limit, window: UInt64(options.windowMilliseconds) * 1_000_000)
        else { throw Options.Unusable(description: "no such rule") }
        var now = Moment.now().boot
        // Every key has its entry first.
        for key in 0..<UInt64(options.keys) {
            _ = table.decide(Charge(rule: rule, key: .user(high: 1, low: key)), at: now)
        }
        let rounds = 2_000_000
        var state: UInt64 = 88_172_645_463_325_252
        var admitted = 0
        let start = Moment.now().boot
        for round in 0..<rounds {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            if round % 64 == 0 { now = Moment.now().boot }
            let key = Key.user(high: 1, low: state % UInt64(options.keys))
            if case .admitted = table.decide(Charge(rule: rule, key: key), at: now) { admitted += 1 }
        }
        let elapsed = Moment.now().boot - start
        let overflow = table.statistics()?.overflowDecisions ?? 0
        print(
            "decision_ns=\(Double(elapsed) / Double(rounds)) keys=\(options.keys) admitted=\(admitted) overflow=\(overflow)"
        )
    }
}

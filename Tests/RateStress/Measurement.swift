import Glibc
import RateWindows
import System

/// What one decision costs on one thread: `--measure --keys 1000 --capacity 65536 --limit 20`.
struct Measurement {
    let options: Options

    private static let rounds = 5
    private static let decisions = 1_000_000

    func run() throws {
        let path = "/dev/shm/rate-measure.\(getpid())"
        let table = try Table.open(path: path, capacity: options.capacity, owner: geteuid())
        defer { unsafe unlink(path) }
        let rule = try options.rule()
        let keys = addresses()
        // Every key has its entry first.
        let start = Moment.now().boot
        for key in keys { _ = table.decide(Charge(rule: rule, key: key), at: start) }
        var times: [Double] = []
        var admitted = 0
        for _ in 0..<Measurement.rounds {
            let (elapsed, count) = decide(table, rule, keys)
            times.append(Double(elapsed) / Double(Measurement.decisions))
            admitted += count
        }
        let statistics = table.statistics()
        var report = Report()
        report.add("decision_ns", times.sorted()[Measurement.rounds / 2])
        report.add("decision_ns_best", times.min()!)
        report.add("keys", options.keys)
        report.add("capacity", options.capacity)
        report.add("mib", (statistics?.bytes ?? 0) >> 20)
        report.add("limit", Int(rule.limit))
        report.add("admitted", admitted)
        report.add("overflow", statistics?.overflowDecisions ?? 0)
        report.write(asJSON: options.isJSON)
    }

    /// In no order. Half of the table's places are for addresses.
    private func addresses() -> [Key] {
        var random = Xorshift()
        return (0..<options.keys).compactMap {
            Key(address: "10.\($0 >> 16 & 255).\($0 >> 8 & 255).\($0 & 255)")
        }.shuffled(using: &random)
    }

    /// The clock is read once in 64 decisions, since it is not what is measured.
    private func decide(_ table: Table, _ rule: Rule, _ keys: [Key]) -> (elapsed: UInt64, admitted: Int) {
        var (admitted, next) = (0, 0)
        let start = Moment.now().boot
        var now = start
        for decision in 0..<Measurement.decisions {
            if decision % 64 == 0 { now = Moment.now().boot }
            if case .admitted = table.decide(Charge(rule: rule, key: keys[next]), at: now) { admitted += 1 }
            next = next + 1 < keys.count ? next + 1 : 0
        }
        return (Moment.now().boot - start, admitted)
    }
}

/// Random numbers that cost nothing.
struct Xorshift: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64 = 0) { state = 88_172_645_463_325_252 &+ seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

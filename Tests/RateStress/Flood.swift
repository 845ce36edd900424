import Glibc
import RateWindows
import System

/// A flood of four times as many keys as there are places, with honest keys among them: `--flood --capacity 16384`.
/// The time of a decision in the full table with the flood and without it, and how many honest requests are refused
/// only because of it. Time is simulated: a minute of flood takes seconds.
struct Flood {
    let options: Options

    private static let decisions = 1_000_000
    /// Simulated ns from one decision to the next: windows of a minute end and begin meanwhile, so newcomers find expired
    /// places as well as full buckets.
    private static let pace: UInt64 = 180_000
    private static let honestKeys: UInt64 = 200

    private var places: UInt64 { UInt64(options.capacity / 4) }

    func run() throws {
        let path = "/dev/shm/rate-flood.\(getpid())"
        let table = try Table.open(path: path, capacity: options.capacity, owner: geteuid())
        defer { unsafe unlink(path) }
        let size = table.statistics()?.bytes
        guard let rule = Rule(number: 1, limit: options.limit, window: 60_000_000_000) else { return }
        var now = Moment.now().boot
        // Full of keys whose windows stay open.
        for key in 0..<(4 * places) { _ = table.decide(Charge(rule: rule, key: .user(high: 9, low: key)), at: now) }
        var random = Xorshift()
        let residents = (0..<places).map { Key.user(high: 9, low: $0) }.filter {
            table.standing(of: $0, under: rule, at: now)?.remaining == rule.limit - 1
        }
        let calm = time(table, rule, &now) { _ in residents[Int(random.next() % UInt64(residents.count))] }
        let flooded = time(table, rule, &now) { _ in .user(high: 8, low: random.next() % (4 * places)) }
        let mixed = time(table, rule, &now) { index in
            index % 2 == 0
                ? residents[Int(random.next() % UInt64(residents.count))]
                : .user(high: 8, low: random.next() % (4 * places))
        }
        now += 120_000_000_000
        let before = table.statistics()
        let honest = honestRequests(table, rule, from: now, &random)
        let after = table.statistics()
        var report = Report()
        report.add("limit", Int(rule.limit))
        report.add("capacity", options.capacity)
        report.add("places", places)
        report.add("flood_keys", 4 * places)
        report.add("decision_ns_calm", calm)
        report.add("decision_ns_flood", flooded)
        report.add("decision_ns_mixed", mixed)
        report.add("flood_over_calm", max(flooded, mixed) / calm)
        report.add("honest_requests", honest.asked)
        report.add("honest_refused", honest.refused)
        report.add("honest_refused_share", Double(honest.refused) / Double(honest.asked))
        report.add("newcomer_requests", honest.newcomersAsked)
        report.add("newcomer_refused_share", Double(honest.newcomersRefused) / Double(honest.newcomersAsked))
        report.add("by_overflow", (after?.overflowDecisions ?? 0) - (before?.overflowDecisions ?? 0))
        report.add("grown_bytes", (after?.bytes ?? 0) - (size ?? 0))
        report.write(asJSON: options.isJSON)
    }

    /// ns a decision.
    private func time(_ table: Table, _ rule: Rule, _ now: inout UInt64, _ key: (Int) -> Key) -> Double {
        let start = Moment.now().boot
        for index in 0..<Flood.decisions {
            _ = table.decide(Charge(rule: rule, key: key(index)), at: now)
            now += Flood.pace
        }
        return Double(Moment.now().boot - start) / Double(Flood.decisions)
    }

    private struct Honest {
        var asked = 0
        var refused = 0
        var newcomersAsked = 0
        var newcomersRefused = 0
    }

    /// Three minutes: in the first 200 honest keys send a request every 6 s, half of their rule; then the flood sends
    /// 4 requests a place and minute from as many keys, and 200 newcomers like them come in.
    private func honestRequests(
        _ table: Table, _ rule: Rule, from start: UInt64, _ random: inout Xorshift
    ) -> Honest {
        var honest = Honest()
        let tick: UInt64 = 6_000_000_000 / Flood.honestKeys
        for step in 0..<(3 * 10 * Flood.honestKeys) {
            let now = start + step * tick
            let isFlooded = step >= 10 * Flood.honestKeys
            if isFlooded {
                for _ in 0..<(4 * places / (10 * Flood.honestKeys)) {
                    let key = Key.user(high: 8, low: random.next() % (4 * places))
                    _ = table.decide(Charge(rule: rule, key: key), at: now)
                }
            }
            if !isAdmitted(table, rule, .user(high: 1, low: step % Flood.honestKeys), now) { honest.refused += 1 }
            honest.asked += 1
            guard step >= 20 * Flood.honestKeys else { continue }
            if !isAdmitted(table, rule, .user(high: 2, low: step % Flood.honestKeys), now) {
                honest.newcomersRefused += 1
            }
            honest.newcomersAsked += 1
        }
        return honest
    }

    private func isAdmitted(_ table: Table, _ rule: Rule, _ key: Key, _ now: UInt64) -> Bool {
        if case .admitted = table.decide(Charge(rule: rule, key: key), at: now) { true } else { false }
    }
}

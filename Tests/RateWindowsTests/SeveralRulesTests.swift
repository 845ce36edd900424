import RateWindows
import Synchronization
import System
import Testing

@Suite("Several rules on one request")
struct SeveralRulesTests {
    private let many = rule(5, in: 10 * second, number: 1)
    private let few = rule(2, in: minute, number: 2)

    private func both(_ key: Key) -> [Charge] { [Charge(rule: many, key: key), Charge(rule: few, key: key)] }

    @Test("All are charged or none")
    func allOrNone() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        for _ in 0..<2 {
            guard case .admitted = table.decide(both(user(1)), at: clock.now) else {
                Issue.record("refused")
                return
            }
        }
        for _ in 0..<10 {
            guard
                case .refused(let standings, let retryAfter, let violated) = table.decide(both(user(1)), at: clock.now)
            else {
                Issue.record("admitted")
                return
            }
            #expect(violated == [few])
            #expect(retryAfter == 60)
            #expect(standings.map(\.remaining) == [3, 0])
        }
        // The refused ones cost the other rule nothing.
        #expect((0..<10).count { _ in table.admits(many, user(1), at: clock.now) } == 3)
    }

    @Test("Retry-After is the largest over the rules that refuse")
    func largestWait() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        for _ in 0..<5 { _ = table.admits(many, user(1), at: clock.now) }
        for _ in 0..<2 { _ = table.admits(few, user(1), at: clock.now) }
        guard case .refused(_, let retryAfter, let violated) = table.decide(both(user(1)), at: clock.now) else {
            Issue.record("admitted")
            return
        }
        #expect(violated == [many, few])
        #expect(retryAfter == 60)
    }

    @Test("The order in which they are named does not matter, and none at all is admitted")
    func order() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        guard case .admitted(let standings, let receipt) = table.decide(both(user(1)).reversed(), at: clock.now),
            case .admitted([], _) = table.decide([], at: clock.now)
        else {
            Issue.record("refused")
            return
        }
        #expect(standings.map(\.rule) == [few, many])
        #expect(receipt.places.isEmpty)
    }

    @Test(
        "As many as the tighter rule allows pass from eight threads, none more, and none is refused for another's sake",
        arguments: [(20, 27), (20, 500), (500, 20), (100, 100)] as [(UInt32, UInt32)])
    func concurrent(_ first: UInt32, _ other: UInt32) throws {
        let scratch = try Scratch()
        let table = try scratch.table()
        let charges = [
            Charge(rule: rule(first, in: minute, number: 1), key: user(1)),
            Charge(rule: rule(other, in: minute, number: 2), key: user(2)),
        ]
        let admitted = Atomic<Int>(0)
        try onThreads(8) { _ in
            for _ in 0..<200 {
                if case .admitted = table.decide(charges, at: Moment.now().boot) {
                    admitted.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        #expect(admitted.load(ordering: .relaxed) == Int(min(first, other)))
        for (charge, limit) in zip(charges, [first, other]) {
            let standing = table.standing(of: charge.key, under: charge.rule, at: Moment.now().boot)
            #expect(standing?.remaining == limit - min(first, other))
        }
    }

    @Test("Random requests under three rules agree with the plain model")
    func model() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let rules = [
            rule(3, in: 2 * second, number: 1), rule(10, in: 20 * second, number: 2), rule(27, in: minute, number: 3),
        ]
        var (random, models) = (Repeatable(seed: 4), [Model](repeating: Model(), count: 3))
        for _ in 0..<4000 {
            clock.advance(UInt64.random(in: 0...(2 * second), using: &random))
            let now = clock.now
            let charges = rules.map { Charge(rule: $0, key: user(UInt64.random(in: 0..<2, using: &random))) }
            let fits = zip(charges, models).allSatisfy { charge, model in
                model.count(charge.key, at: now, window: charge.rule.window) < Int(charge.rule.limit)
            }
            if case .admitted = table.decide(charges, at: now) {
                #expect(fits)
                for index in charges.indices { models[index].charge(charges[index].key, at: now) }
            } else {
                #expect(!fits)
            }
        }
        for (rule, model) in zip(rules, models) { #expect(model.mostInWindow(rule.window) == Int(rule.limit)) }
    }
}

/// Runs `body` on `count` threads at once and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
    let gate = Atomic<Int>(0)
    try withExtendedLifetime(Shared(gate)) { shared in
        let threads = try (0..<count).map { index in
            try Threads.start("test-\(index)") {
                shared.gate.wrappingAdd(1, ordering: .sequentiallyConsistent)
                while shared.gate.load(ordering: .sequentiallyConsistent) < count {}
                body(index)
            }
        }
        for thread in threads { thread.join() }
    }
}

private final class Shared: Sendable {
    let gate: Atomic<Int>
    init(_ gate: consuming Atomic<Int>) { self.gate = gate }
}

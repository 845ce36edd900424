import RateWindows
import Testing

@Suite("Retry-After")
struct RetryAfterTests {
    @Test(
        "Obeyed, the next request is admitted, over random loads",
        arguments: [1, 5, 20, 27, 28, 100, 1000] as [UInt32], [second, 10 * second, 3600 * second])
    func obeyed(_ limit: UInt32, _ window: UInt64) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let rule = rule(limit, in: window)
        var random = Repeatable(seed: UInt64(limit) &+ window)
        var obeyed = 0
        for _ in 0..<(limit > 100 ? 3000 : 1000) {
            clock.advance(UInt64.random(in: 0...(window / UInt64(limit)), using: &random))
            guard let wait = table.retryAfter(rule, user(1), at: clock.now) else { continue }
            #expect(wait >= 1)
            // The window, and a sub-window where there are some.
            #expect(UInt64(wait) * second <= window + window / 21 + second)
            clock.advance(UInt64(wait) * second)
            #expect(table.admits(rule, user(1), at: clock.now))
            obeyed += 1
        }
        #expect(obeyed > 1)
    }

    @Test("Is rounded up to whole seconds")
    func roundedUp() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let rule = rule(1, in: 10 * second)
        let start = clock.now
        #expect(table.admits(rule, user(1), at: start))
        #expect(table.retryAfter(rule, user(1), at: start) == 10)
        #expect(table.retryAfter(rule, user(1), at: start + 1) == 10)
        #expect(table.retryAfter(rule, user(1), at: start + second) == 9)
        #expect(table.retryAfter(rule, user(1), at: start + 10 * second - 1) == 1)
    }

    @Test("Of many that wait together N pass")
    func together() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let rule = rule(20, in: minute)
        var waits: [UInt32] = []
        for _ in 0..<300 {
            if let wait = table.retryAfter(rule, user(1), at: clock.now) { waits.append(wait) }
        }
        #expect(waits.count == 280)
        #expect(Set(waits) == [60])
        clock.advance(minute)
        #expect((0..<280).count { _ in table.admits(rule, user(1), at: clock.now) } == 20)
    }

    @Test("The standing tells what is left and when the next place is free")
    func standing() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        for rule in [rule(3, in: minute), rule(50, in: 21 * second)] {
            let empty = try #require(table.standing(of: user(1), under: rule, at: clock.now))
            #expect(empty == Standing(rule: rule, remaining: rule.limit, resetAfter: 0))
            guard case .admitted(let standing, _) = table.decide(Charge(rule: rule, key: user(1)), at: clock.now)
            else {
                Issue.record("refused")
                continue
            }
            #expect(standing.remaining == rule.limit - 1)
            #expect(standing.resetAfter >= rule.window)
            #expect(standing.resetAfter <= rule.window + rule.window / 21 + millisecond)
            #expect(table.standing(of: user(1), under: rule, at: clock.now) == standing)
        }
    }
}

import RateWindows
import Testing

@Suite("A window")
struct WindowTests {
    @Test("Holds N and not one more, and its edge is half-open", arguments: [1, 5, 27] as [UInt32])
    func edge(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let rule = rule(limit, in: minute)
        let start = clock.now
        for _ in 0..<limit { #expect(table.admits(rule, user(1), at: start)) }
        #expect(!table.admits(rule, user(1), at: start))
        #expect(!table.admits(rule, user(1), at: start + minute - 1))
        for _ in 0..<limit { #expect(table.admits(rule, user(1), at: start + minute)) }
        #expect(!table.admits(rule, user(1), at: start + minute))
    }

    @Test(
        "Every small limit decides as the plain log does, over random times",
        arguments: [1, 2, 5, 20, 27] as [UInt32], [second, 10 * second, 30 * day])
    func smallLimits(_ limit: UInt32, _ window: UInt64) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let rule = rule(limit, in: window)
        var (random, model) = (Repeatable(seed: UInt64(limit) ^ window), Model())
        // The table's times reach 36 years.
        for _ in 0..<(window == 30 * day ? 800 : 3000) {
            clock.advance(UInt64.random(in: 0...(2 * window / UInt64(limit) / 3), using: &random))
            let (now, key) = (clock.now, user(UInt64.random(in: 0..<3, using: &random)))
            let expected = model.count(key, at: now, window: window) < Int(limit)
            #expect(table.admits(rule, key, at: now) == expected)
            if expected { model.charge(key, at: now) }
        }
        #expect(model.mostInWindow(window) == Int(limit))
        #expect(table.statistics()?.refusedStale == 0)
    }

    @Test(
        "A large limit never admits more, and refuses too many by less than two sub-windows of 21",
        arguments: [28, 50, 1000] as [UInt32], [second, minute, 30 * day])
    func largeLimits(_ limit: UInt32, _ window: UInt64) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let rule = rule(limit, in: window)
        var (random, model) = (Repeatable(seed: UInt64(limit) ^ window), Model())
        var refused = 0
        for _ in 0..<6000 {
            clock.advance(UInt64.random(in: 0...(window / UInt64(limit)), using: &random))
            let now = clock.now
            if table.admits(rule, user(1), at: now) {
                #expect(model.count(user(1), at: now, window: window) < Int(limit))
                model.charge(user(1), at: now)
            } else {
                refused += 1
                #expect(model.count(user(1), at: now, window: window + window / 21 + millisecond) >= Int(limit))
            }
        }
        #expect(model.mostInWindow(window) == Int(limit))
        #expect(refused > 0)
    }

    @Test("The largest limit holds a million")
    func million() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let rule = rule(1_000_000, in: second)
        var admitted = 0
        for _ in 0..<1_000_100 where table.admits(rule, user(1), at: clock.now) { admitted += 1 }
        #expect(admitted == 1_000_000)
        clock.advance(2 * second)
        #expect(table.admits(rule, user(1), at: clock.now))
    }

    @Test("Counts right in the first second after boot, when the window reaches back before it")
    func boot() throws {
        let scratch = try Scratch()
        let table = try scratch.table()
        for limit: UInt32 in [5, 100] {
            let rule = rule(limit, in: 30 * day)
            var admitted = 0
            for time in 1...200 as ClosedRange<UInt64> where table.admits(rule, user(1), at: time) { admitted += 1 }
            #expect(admitted == Int(limit))
        }
    }

    @Test(
        "Threads whose clock readings are late never admit too many",
        arguments: [3, 20, 40, 500] as [UInt32])
    func lateReadings(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let (rule, window) = (rule(limit, in: second), second)
        var (random, model) = (Repeatable(seed: UInt64(limit)), Model())
        for _ in 0..<8000 {
            clock.advance(UInt64.random(in: 0...(window / UInt64(limit)), using: &random))
            let late = UInt64.random(in: 0...3, using: &random) == 0
            let now = clock.now - (late ? UInt64.random(in: 0...(3 * window), using: &random) : 0)
            if table.admits(rule, user(1), at: now) { model.charge(user(1), at: now) }
        }
        #expect(model.mostInWindow(window) == Int(limit))
    }

    @Test("Keys, rules and realms do not share a count")
    func separate() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let one = rule(1, in: minute, number: 1)
        var realm = one
        realm.realm = 1
        for rule in [one, rule(1, in: minute, number: 2), realm, rule(2, in: minute, number: 1)] {
            for key in [user(1), user(2), Key(address: "203.0.113.7")!, Key(address: "2001:db8::")!] {
                #expect(table.admits(rule, key, at: clock.now))
            }
        }
        #expect(!table.admits(one, user(1), at: clock.now))
    }
}

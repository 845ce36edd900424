import RateWindows
import Synchronization
import System
import Testing

@Suite("A table under pressure")
struct PressureTests {
    @Test("Half full of live keys, no honest request is decided by a shared entry")
    func halfFull() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 16_384, clock: clock)
        let rule = rule(20, in: minute)
        for key in 0..<2048 as Range<UInt64> {
            for _ in 0..<3 { #expect(table.admits(rule, user(key), at: clock.now)) }
        }
        #expect(table.statistics()?.overflowDecisions == 0)
        #expect(table.usage(at: clock.now)?.users.used == 2048)
        clock.advance(minute)
        #expect(table.usage(at: clock.now)?.users.used == 0)
    }

    @Test("Live keys in half of the places of every part: at most one honest request in a thousand is refused")
    func halfOfEveryPart() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let capacity = 16_384
        let table = try scratch.table(capacity: capacity, clock: clock)
        let rule = rule(3, in: minute)
        var keys = (0..<(capacity / 8)).map { user(UInt64($0)) }
        keys += (0..<(capacity / 4)).compactMap { Key(address: "10.0.\($0 >> 8).\($0 & 255)") }
        keys += (0..<(capacity / 16)).compactMap { table.email("anna\($0)@example.com".utf8) }
        #expect(keys.count == capacity * 7 / 16)
        var (random, refused) = (Repeatable(seed: 9), 0)
        for _ in 0..<3 {
            for key in keys.shuffled(using: &random) {
                clock.advance(1000)
                if !table.admits(rule, key, at: clock.now) { refused += 1 }
            }
        }
        #expect(refused * 1000 <= keys.count * 3)
        for key in keys.prefix(100) { #expect(!table.admits(rule, key, at: clock.now)) }
    }

    @Test("Keys chosen to collide under an unkeyed hash, or alike in their low bits, change nothing")
    func chosenKeys() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 16_384, clock: clock)
        let rule = rule(20, in: minute)
        // The table's own hash with a key of zeros: all of these would be in the first of its 586 buckets of users.
        var collisions: [Key] = []
        let specification = UInt64(Key.Kind.user.rawValue) << 52 | 20 << 32 | 60_000
        var low: UInt64 = 0
        while collisions.count < 500 {
            low += 1
            let hash = SipHash.index((0, 0), specification, 1, user(0).high, low)
            if hash.multipliedFullWidth(by: 586).high == 0 { collisions.append(user(low)) }
        }
        for key in collisions { #expect(table.admits(rule, key, at: clock.now)) }
        for high in 0..<500 as Range<UInt64> {
            #expect(table.admits(rule, .user(high: high << 40, low: 0), at: clock.now))
            #expect(table.admits(rule, Key(address: "10.\(high >> 8).\(high & 255).0")!, at: clock.now))
        }
        #expect(table.statistics()?.overflowDecisions == 0)
    }

    @Test("Expired entries make room for newcomers, window after window")
    func expiry() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 256, clock: clock)
        for round in 0..<50 as Range<UInt64> {
            let rule = rule(round % 2 == 0 ? 2 : 40, in: second, number: UInt32(round % 3))
            for key in 0..<30 as Range<UInt64> { #expect(table.admits(rule, user(round * 30 + key), at: clock.now)) }
            clock.advance(2 * second)
        }
        #expect(table.statistics()?.overflowDecisions == 0)
    }

    @Test(
        "At four times the capacity nobody is over-admitted and nobody refused is freed",
        arguments: [5, 60] as [UInt32])
    func fourTimes(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 1024, clock: clock)
        let size = table.statistics()?.bytes
        let rule = rule(limit, in: minute)
        // The key that was refused before the flood came.
        while table.admits(rule, user(0), at: clock.now) {}
        var (random, model) = (Repeatable(seed: 7), Model())
        for _ in 0..<30_000 {
            clock.advance(UInt64.random(in: 0...(6 * millisecond), using: &random))
            let key = user(UInt64.random(in: 1...1024, using: &random))
            if table.admits(rule, key, at: clock.now) { model.charge(key, at: clock.now) }
            if clock.now < 1000 * second + minute { #expect(!table.admits(rule, user(0), at: clock.now)) }
        }
        #expect(model.mostInWindow(minute) <= Int(limit))
        let statistics = try #require(table.statistics())
        #expect(statistics.overflowDecisions > 1000)
        #expect(statistics.bytes == size)
    }

    @Test("A late clock reading finds nothing forgotten that its window still holds", arguments: [2, 40] as [UInt32])
    func lateReadings(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 64, clock: clock)
        let rule = rule(limit, in: second)
        var (random, model) = (Repeatable(seed: UInt64(limit)), Model())
        for _ in 0..<30_000 {
            clock.advance(UInt64.random(in: 0...(40 * millisecond), using: &random))
            let isLate = UInt64.random(in: 0...3, using: &random) == 0
            let now = clock.now - (isLate ? UInt64.random(in: 0...second, using: &random) : 0)
            let key = user(UInt64.random(in: 1...30, using: &random))
            for _ in 0..<Int.random(in: 1...Int(limit), using: &random) where table.admits(rule, key, at: now) {
                model.charge(key, at: now)
            }
        }
        #expect(model.mostInWindow(second) == Int(limit))
        #expect(table.statistics()!.refusedStale > 0)
    }

    @Test("A key with an entry of its own is not touched by a flood, and other tables are not either")
    func untouched() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 512, clock: clock)
        let rule = rule(20, in: minute)
        #expect(table.admits(rule, user(0), at: clock.now))
        for key in 1...5000 as ClosedRange<UInt64> { _ = table.admits(rule, user(key), at: clock.now) }
        #expect(table.standing(of: user(0), under: rule, at: clock.now)?.remaining == 19)
        for _ in 0..<19 { #expect(table.admits(rule, user(0), at: clock.now)) }
        for index in 0..<60 {
            #expect(table.admits(rule, Key(address: "203.0.113.\(index)")!, at: clock.now))
            #expect(table.admits(rule, table.email("anna\(index)@example.com".utf8)!, at: clock.now))
        }
    }

    @Test("A newcomer that gets an entry of its own takes the shared charges along", arguments: [5, 60] as [UInt32])
    func inherits(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 64, clock: clock)
        let (short, long) = (rule(1, in: 2 * second, number: 1), rule(limit, in: minute, number: 2))
        // Full of short windows; newcomers under the long one share entries.
        for key in 0..<400 as Range<UInt64> { _ = table.admits(short, user(key), at: clock.now) }
        let decisions = table.statistics()!.overflowDecisions
        var model = Model()
        for round in 0..<(8 * UInt64(limit)) {
            clock.advance(100 * millisecond)
            for key in 1000..<1004 as Range<UInt64> where table.admits(long, user(key), at: clock.now) {
                model.charge(user(key), at: clock.now)
            }
            // For the first two seconds the table stays full, then entries become free.
            if round == 0 { #expect(table.statistics()!.overflowDecisions > decisions) }
        }
        #expect(model.mostInWindow(minute) <= Int(limit))
    }

    @Test("More rules than shared places refuse, and say so")
    func crowded() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 64, clock: clock)
        for number in 0..<400 as Range<UInt32> {
            let rule = rule(1, in: minute, number: number)
            _ = table.admits(rule, user(1), at: clock.now)
            #expect(!table.admits(rule, user(1), at: clock.now))
        }
        #expect(table.statistics()!.refusedCrowded > 0)
    }

    @Test("Newcomers on four threads in a full small table are never over-admitted", arguments: [3, 40] as [UInt32])
    func threads(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let table = try scratch.table(capacity: 64)
        let rule = rule(limit, in: second)
        let admissions = Mutex<[UInt64: [UInt64]]>([:])
        let end = Moment.now().boot + 3 * second
        try onThreads(4) { thread in
            var random = Repeatable(seed: UInt64(thread) + 11)
            var mine: [UInt64: [UInt64]] = [:]
            while Moment.now().boot < end {
                let key = UInt64.random(in: 0..<120, using: &random)
                let now = Moment.now().boot
                if table.admits(rule, user(key), at: now) { mine[key, default: []].append(now) }
            }
            admissions.withLock { $0.merge(mine) { $0 + $1 } }
        }
        let most = admissions.withLock { $0.values.map { mostInWindow($0, second) }.max() }
        #expect(most == Int(limit))
        #expect(table.statistics()!.overflowDecisions > 0)
    }
}

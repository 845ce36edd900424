import RateWindows
import Synchronization
import System
import Testing

@Suite("Marks")
struct MarkTests {
    private let pause = rule(4, in: 10 * minute, number: 7 * 16)

    @Test("Are counted, tell when the last was made, and leave their window")
    func counted() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        #expect(table.marks(of: user(1), under: pause, at: clock.now) == Marks.none)
        let start = clock.now
        for count in 1...3 as ClosedRange<UInt32> {
            clock.advance(second)
            #expect(table.mark(user(1), under: pause, at: clock.now))
            let expected = Marks(count: count, newest: clock.now, freeAt: start + second + 10 * minute)
            #expect(table.marks(of: user(1), under: pause, at: clock.now) == expected)
        }
        #expect(table.marks(of: user(2), under: pause, at: clock.now) == Marks.none)
        #expect(table.marks(of: user(1), under: pause, at: start + second + 10 * minute)?.count == 2)
        #expect(table.marks(of: user(1), under: pause, at: start + 3 * second + 10 * minute) == Marks.none)
    }

    @Test("Of more than N the last N are kept")
    func lastOnes() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        for _ in 0..<20 {
            clock.advance(second)
            #expect(table.mark(user(1), under: pause, at: clock.now))
        }
        let expected = Marks(count: 4, newest: clock.now, freeAt: clock.now - 3 * second + 10 * minute)
        #expect(table.marks(of: user(1), under: pause, at: clock.now) == expected)
        // A late reading is older than all of them: nothing to keep.
        #expect(table.mark(user(1), under: pause, at: clock.now - 10 * second))
        #expect(table.marks(of: user(1), under: pause, at: clock.now) == expected)
    }

    @Test("Are no charges, and charges are no marks")
    func apart() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let ban = rule(1, in: minute, number: 8 * 16)
        #expect(table.mark(user(1), under: ban, at: clock.now))
        #expect(table.admits(ban, user(1), at: clock.now))
        #expect(!table.admits(ban, user(1), at: clock.now))
        #expect(table.marks(of: user(1), under: ban, at: clock.now)?.count == 1)
        #expect(table.marks(of: user(2), under: ban, at: clock.now)?.count == 0)
        #expect(!table.mark(user(1), under: rule(28, in: minute), at: clock.now))
    }

    @Test("Survive every process, go with the table")
    func survive() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        do { #expect(try scratch.table(clock: clock).mark(user(1), under: pause, at: clock.now)) }
        #expect(try scratch.table(clock: clock).marks(of: user(1), under: pause, at: clock.now)?.count == 1)
        let larger = try scratch.table(capacity: 8192, clock: clock)
        #expect(larger.marks(of: user(1), under: pause, at: clock.now) == Marks.none)
    }

    @Test("Under pressure a mark is lost and says so; no stranger is marked, and no count is touched")
    func pressure() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 256, clock: clock)
        let login = rule(2, in: minute)
        #expect(table.admits(login, user(0), at: clock.now))
        var marked = Set<UInt64>()
        for key in 1...2000 as ClosedRange<UInt64> where table.mark(user(key), under: pause, at: clock.now) {
            marked.insert(key)
        }
        // 32 places, in buckets of seven.
        #expect((30...35).contains(marked.count))
        for key in 1...4000 as ClosedRange<UInt64> {
            let marks = try #require(table.marks(of: user(key), under: pause, at: clock.now))
            #expect(marks.count == (marked.contains(key) ? 1 : 0))
        }
        #expect(table.admits(login, user(0), at: clock.now))
        #expect(!table.admits(login, user(0), at: clock.now))
        let statistics = try #require(table.statistics())
        #expect(statistics.overflowDecisions == 0)
        #expect(Int(statistics.marksLost) == 2000 - marked.count)
        #expect(table.marksLost == 2000 - marked.count)
        #expect(try scratch.table(capacity: 256, clock: clock).marksLost == 0)
        #expect(table.usage(at: clock.now)?.marks.used == marked.count)
        clock.advance(10 * minute)
        #expect(table.mark(user(5000), under: pause, at: clock.now))
    }

    @Test("In a full part a ban takes the place of the wrong password that ends first, and of nothing else")
    func bansFirst() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        // Two buckets of marks, so that each key may stand in any of the fourteen places.
        let table = try scratch.table(capacity: 64, clock: clock)
        let (seen, ban) = (rule(1, in: 3600 * second, number: 9 * 16), rule(1, in: minute, number: 8 * 16))
        let guesses = try (0..<13 as Range<UInt8>).map {
            try #require(table.guess(email: [$0], password: [$0], storedHash: []))
        }
        for guess in guesses.shuffled() {
            clock.advance(second)
            #expect(table.mark(guess, under: seen, at: clock.now))
        }
        #expect(table.mark(user(1), under: pause, at: clock.now))
        for _ in 0..<9 { #expect(!table.mark(user(2), under: pause, at: clock.now)) }
        #expect(table.marksLost == 9)

        func newest(_ key: Key, _ rule: Rule) -> UInt64? { table.marks(of: key, under: rule, at: clock.now)?.newest }
        let addresses = try (0..<14).map { try #require(Key(address: "192.0.2.\($0)")) }
        let byAge = guesses.sorted { newest($0, seen)! < newest($1, seen)! }
        for (count, address) in addresses.enumerated() {
            #expect(table.mark(address, under: ban, at: clock.now) == (count < 13))
            let left = byAge.filter { table.marks(of: $0, under: seen, at: clock.now)?.count == 1 }
            #expect(left == Array(byAge.dropFirst(count + 1)))
        }
        #expect(addresses.count { table.marks(of: $0, under: ban, at: clock.now)?.count == 1 } == 13)
        #expect(table.marks(of: user(1), under: pause, at: clock.now)?.count == 1)
        #expect(table.marksLost == 10)
        // Bans that are over make room, however late the rest of their buckets ends.
        clock.advance(minute)
        for guess in guesses { #expect(table.mark(guess, under: seen, at: clock.now)) }
    }

    @Test("A flood of charges in shared entries marks nobody, and no newcomer inherits a mark")
    func sharedCharges() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 64, clock: clock)
        for key in 0..<500 as Range<UInt64> { _ = table.admits(pause, user(key), at: clock.now) }
        #expect(table.statistics()!.overflowDecisions > 0)
        for key in 0..<1000 as Range<UInt64> {
            #expect(table.marks(of: user(key), under: pause, at: clock.now) == Marks.none)
        }
        #expect(table.mark(user(1000), under: pause, at: clock.now))
        #expect(table.marks(of: user(1000), under: pause, at: clock.now)?.count == 1)
    }

    @Test("From six threads at once none is lost, up to N")
    func threads() throws {
        let scratch = try Scratch()
        let table = try scratch.table()
        let marks = rule(27, in: 3600 * second, number: 9 * 16)
        for round in 0..<50 as Range<UInt64> {
            let kept = Atomic<Int>(0)
            try onThreads(6) { thread in
                for _ in 0..<4 where table.mark(user(round), under: marks, at: Moment.now().boot) {
                    kept.wrappingAdd(1, ordering: .relaxed)
                }
            }
            #expect(kept.load(ordering: .relaxed) == 24)
            #expect(table.marks(of: user(round), under: marks, at: Moment.now().boot)?.count == 24)
        }
    }
}

import Glibc
import RateWindows
import Synchronization
import System
import Testing

@Suite("A key cleared")
struct ClearTests {
    @Test("Has all its places again, under that rule alone", arguments: [3, 50] as [UInt32])
    func oneRule(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let (cleared, other) = (rule(limit, in: minute, number: 1), rule(limit, in: minute, number: 2))
        for rule in [cleared, other] {
            for key in [user(1), user(2)] { while table.admits(rule, key, at: clock.now) {} }
        }
        #expect(table.clear(user(1), under: cleared) == 1)
        #expect((0..<100).count { _ in table.admits(cleared, user(1), at: clock.now) } == Int(limit))
        for (rule, key) in [(other, user(1)), (cleared, user(2)), (other, user(2))] {
            #expect(!table.admits(rule, key, at: clock.now))
        }
        #expect(table.clear(user(3), under: cleared) == 0)
    }

    @Test("Under every rule, marks as well, and nobody else")
    func everyRule() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let rules = (0..<6 as Range<UInt32>).map { rule($0 % 2 == 0 ? 2 : 40, in: minute, number: $0) }
        let keys = try [user(1), user(2), #require(Key(address: "203.0.113.7")), #require(table.email("a@b".utf8))]
        for key in keys {
            for rule in rules { while table.admits(rule, key, at: clock.now) {} }
            #expect(table.mark(key, under: rules[0], at: clock.now))
        }
        for (index, key) in keys.enumerated() {
            #expect(table.clear(key) == 7)
            #expect(table.marks(of: key, under: rules[0], at: clock.now) == Marks.none)
            for rule in rules { #expect(table.standing(of: key, under: rule, at: clock.now)?.remaining == rule.limit) }
            for other in keys[(index + 1)...] {
                #expect(table.marks(of: other, under: rules[0], at: clock.now)?.count == 1)
                for rule in rules { #expect(!table.admits(rule, other, at: clock.now)) }
            }
        }
    }

    @Test("Keeps its entry in a full table, so that it does not come to share one with strangers")
    func full() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 64, clock: clock)
        let rule = rule(3, in: minute)
        while table.admits(rule, user(0), at: clock.now) {}
        for key in 1...500 as ClosedRange<UInt64> { while table.admits(rule, user(key), at: clock.now) {} }
        #expect(table.clear(user(0), under: rule) == 1)
        #expect((0..<10).count { _ in table.admits(rule, user(0), at: clock.now) } == 3)
    }

    @Test("While it shares an entry with strangers, nothing of theirs is freed")
    func shared() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 64, clock: clock)
        let rule = rule(3, in: minute)
        for key in 0..<500 as Range<UInt64> { while table.admits(rule, user(key), at: clock.now) {} }
        let counts = (0..<500 as Range<UInt64>).map { table.clear(user($0), under: rule) }
        let emptied = counts.count { $0 == 1 }
        #expect((1...21).contains(emptied))
        for (key, count) in counts.enumerated() where count == 0 {
            #expect(!table.admits(rule, user(UInt64(key)), at: clock.now))
        }
    }

    @Test("A place of before cannot be given back after", arguments: [2, 40] as [UInt32])
    func receipt(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let login = Charge(rule: rule(limit, in: minute), key: user(1), returnable: true)
        // The words of an entry carry three bits of its life: the eighth has the first one's again.
        for clears in 1...17 {
            guard case .admitted(_, let place) = table.decide(login, at: clock.now) else {
                Issue.record("refused")
                return
            }
            for _ in 0..<clears { #expect(table.clear(user(1), under: login.rule) == 1) }
            while table.admits(login.rule, user(1), at: clock.now) {}
            table.giveBack(place)
            #expect(!table.admits(login.rule, user(1), at: clock.now))
            #expect(table.clear(user(1)) == 1)
        }
    }

    /// Time stands still, so between two clears exactly N can be admitted. No thread sleeps through a whole life of the
    /// entry: each has to come round before the next clear.
    @Test("While four threads charge it: exactly N between two clears", arguments: [5, 60])
    func concurrent(_ limit: Int) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let rule = rule(UInt32(limit), in: minute)
        let admitted = Atomic<Int>(0)
        let isOver = Atomic(false)
        let rounds = Rounds()
        try onThreads(5) { thread in
            guard thread == 4 else {
                while !isOver.load(ordering: .relaxed) {
                    if table.admits(rule, user(1), at: clock.now) {
                        admitted.wrappingAdd(1, ordering: .sequentiallyConsistent)
                    }
                    rounds.cameRound(thread)
                }
                return
            }
            defer { isOver.store(true, ordering: .relaxed) }
            for done in 1...200 {
                rounds.waitForAll()
                rounds.waitForAll()
                #expect(admitted.load(ordering: .sequentiallyConsistent) == done * limit)
                #expect(table.clear(user(1), under: rule) == 1)
            }
        }
    }

    /// How often each of four threads has come round.
    private final class Rounds: Sendable {
        private let counts: [Count] = (0..<4).map { _ in Count() }

        private final class Count: Sendable {
            let value = Atomic<Int>(0)
        }

        func cameRound(_ thread: Int) { counts[thread].value.wrappingAdd(1, ordering: .sequentiallyConsistent) }

        /// Until each has begun and ended a round more, and enough of them to spend every place.
        func waitForAll() {
            let before = counts.map { $0.value.load(ordering: .sequentiallyConsistent) }
            for (count, before) in zip(counts, before) {
                while count.value.load(ordering: .sequentiallyConsistent) < before + 70 { sched_yield() }
            }
        }
    }

    @Test("At any moment, in between as well: no more than N charges a clear", arguments: [3, 40])
    func anyMoment(_ limit: Int) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 64, clock: clock)
        let rule = rule(UInt32(limit), in: minute)
        let admitted = Atomic<Int>(0)
        let clears = Atomic<Int>(0)
        try onThreads(4) { thread in
            for _ in 0..<20_000 {
                if thread == 0 {
                    if table.clear(user(1)) == 1 { clears.wrappingAdd(1, ordering: .sequentiallyConsistent) }
                } else if table.admits(rule, user(1), at: clock.now) {
                    admitted.wrappingAdd(1, ordering: .sequentiallyConsistent)
                }
            }
        }
        let total = admitted.load(ordering: .sequentiallyConsistent)
        #expect(total <= (clears.load(ordering: .sequentiallyConsistent) + 1) * limit)
        let standing = try #require(table.standing(of: user(1), under: rule, at: clock.now))
        let last = (0..<100).count { _ in table.admits(rule, user(1), at: clock.now) }
        #expect(last == Int(standing.remaining))
    }
}

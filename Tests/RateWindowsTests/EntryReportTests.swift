import Glibc
import RateWindows
import Synchronization
import System
import Testing

@Suite("The entries of a table")
struct EntryReportTests {
    private func reports(_ table: Table, at now: UInt64) throws -> [EntryReport] {
        var reports: [EntryReport] = []
        try #require(table.entries(at: now) { reports.append($0) })
        return reports
    }

    @Test("No last charge is told from the future, however long a sub-window is")
    func newest() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        #expect(table.admits(rule(40, in: 30 * day), user(1), at: clock.now))
        let all = try reports(table, at: clock.now)
        #expect(all.count == 1)
        #expect(all.allSatisfy { $0.newest <= clock.now && clock.now - $0.newest <= 3 * day })
    }

    @Test("Are told with key, rule, places used and times")
    func told() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let address = try #require(Key(address: "203.0.113.7"))
        var login = rule(5, in: minute, number: 16)
        login.realm = 3
        let large = rule(100, in: 21 * second, number: 5_000_000)
        let pause = rule(2, in: minute, number: 7 * 16)
        let start = clock.now
        #expect(try reports(table, at: start).isEmpty)
        for _ in 0..<2 {
            #expect(table.admits(login, address, at: clock.now))
            #expect(table.admits(large, user(1), at: clock.now))
            clock.advance(second)
        }
        #expect(table.mark(user(1), under: pause, at: clock.now))
        let all = try reports(table, at: clock.now)
        #expect(all.count == 3)

        let first = try #require(all.first { $0.key == address })
        #expect((first.number, first.realm, first.limit, first.window) == (16, 3, 5, minute))
        #expect((first.used, first.isShared, first.isMark) == (2, false, false))
        #expect((first.freeAt, first.endsAt) == (start + minute, start + second + minute))
        #expect(first.newest == start + second)

        let second = try #require(all.first { $0.limit == 100 })
        #expect((second.key, second.number, second.used) == (user(1), 5_000_000, 2))
        #expect(second.newest <= start + 2 * 1_000_000_000)
        #expect(second.freeAt <= second.endsAt)

        let third = try #require(all.first { $0.isMark })
        #expect((third.key, third.number, third.used, third.newest) == (user(1), 7 * 16, 1, clock.now))
        clock.advance(2 * minute)
        #expect(try reports(table, at: clock.now).isEmpty)
    }

    @Test("Shared ones have no key")
    func shared() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 64, clock: clock)
        let rule = rule(2, in: minute)
        for key in 0..<300 as Range<UInt64> { _ = table.admits(rule, user(key), at: clock.now) }
        let all = try reports(table, at: clock.now)
        #expect(all.contains { $0.isShared && $0.key == nil && $0.number == 1 && $0.used == 2 })
        #expect(all.count { !$0.isShared } == table.usage(at: clock.now)?.users.used)
    }

    @Test("Those that were given back or cleared are gone", arguments: [3, 40] as [UInt32])
    func gone(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let charge = Charge(rule: rule(limit, in: minute), key: user(1), returnable: true)
        guard case .admitted(_, let place) = table.decide(charge, at: clock.now) else {
            Issue.record("refused")
            return
        }
        table.giveBack(place)
        #expect(try reports(table, at: clock.now).isEmpty)
        #expect(table.admits(charge.rule, user(1), at: clock.now))
        #expect(table.clear(user(1)) == 1)
        #expect(try reports(table, at: clock.now).isEmpty)
    }

    /// Every rule belongs to one key, so a report with words of two would show.
    @Test("Are never mixed of two keys while their places change hands")
    func neverMixed() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 64, clock: clock)
        let isOver = Atomic(false)
        let seen = Atomic<Int>(0)
        try onThreads(4) { thread in
            if thread == 0 {
                defer { isOver.store(true, ordering: .relaxed) }
                for _ in 0..<20_000 {
                    _ = table.entries(at: clock.now) { report in
                        guard let key = report.key else { return }
                        seen.wrappingAdd(1, ordering: .relaxed)
                        let number = key.low
                        #expect(key == user(number) && report.number == UInt32(number))
                        #expect(report.limit == UInt32(1 + number % 60) && report.window == (1 + number) * second)
                        #expect((1...report.limit).contains(report.used))
                        #expect(report.endsAt > report.newest)
                    }
                }
                return
            }
            var random = Repeatable(seed: UInt64(thread))
            while !isOver.load(ordering: .relaxed) {
                let number = UInt64.random(in: 0..<200, using: &random)
                let rule = rule(UInt32(1 + number % 60), in: (1 + number) * second, number: UInt32(number))
                _ = table.admits(rule, user(number), at: clock.now)
                clock.advance(UInt64.random(in: 0...second, using: &random))
                if number % 20 == 0 { _ = table.clear(user(number)) }
            }
        }
        #expect(seen.load(ordering: .relaxed) > 1000)
    }

    @Test("Of a lost table are none, and it is said")
    func lost() throws {
        let scratch = try Scratch()
        let made = try scratch.table(capacity: 64)
        let table = try #require(try Table.openExisting(path: scratch.path, owner: geteuid()))
        _ = made
        #expect(unsafe truncate(scratch.path, 0) == 0)
        table.inspect()
        #expect(!table.entries(at: Moment.now().boot) { _ in Issue.record("an entry of a lost table") })
        #expect(table.clear(user(1)) == nil)
        #expect(table.marks(of: user(1), under: rule(1, in: minute), at: 1) == nil)
        #expect(table.limitCounts() == nil)
        #expect(table.pair(user(1), user(2)) == nil)
    }
}

import RateWindows
import Synchronization
import System
import Testing

@Suite("A place given back")
struct GiveBackTests {
    @Test("Is free again; what was not given back counts", arguments: [3, 50] as [UInt32])
    func free(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let login = Charge(rule: rule(limit, in: minute), key: user(1), returnable: true)
        for _ in 0..<200 {
            guard case .admitted(_, let place) = table.decide(login, at: clock.now) else {
                Issue.record("refused")
                return
            }
            table.giveBack(place)
        }
        #expect((0..<200).count { _ in table.admits(login.rule, user(1), at: clock.now) } == Int(limit))
    }

    @Test("Counts while the work runs")
    func counts() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let login = Charge(rule: rule(2, in: minute), key: user(1), returnable: true)
        guard case .admitted(_, let first) = table.decide(login, at: clock.now),
            case .admitted = table.decide(login, at: clock.now)
        else {
            Issue.record("refused")
            return
        }
        #expect(table.retryAfter(login.rule, user(1), at: clock.now) == 60)
        table.giveBack(first)
        #expect(table.admits(login.rule, user(1), at: clock.now))
        #expect(!table.admits(login.rule, user(1), at: clock.now))
    }

    @Test("Frees nothing that was charged after it in the same place")
    func othersStay() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let login = Charge(rule: rule(1, in: second), key: user(1), returnable: true)
        guard case .admitted(_, let place) = table.decide(login, at: clock.now) else {
            Issue.record("refused")
            return
        }
        clock.advance(second)
        #expect(table.admits(login.rule, user(1), at: clock.now))
        table.giveBack(place)
        #expect(!table.admits(login.rule, user(1), at: clock.now))
    }

    @Test("Is free again as long as its window is open, whatever was charged since", arguments: [3, 30] as [UInt32])
    func whileItsWindowIsOpen(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let login = Charge(rule: rule(limit, in: 21 * second), key: user(1), returnable: true)
        for sinceThen in 0..<22 as Range<UInt64> {
            guard case .admitted(_, let place) = table.decide(login, at: clock.now) else {
                Issue.record("refused")
                return
            }
            var later = 0
            for _ in 0..<sinceThen {
                clock.advance(second)
                // Two of the log's three places are taken by what came later.
                if later < 2, table.admits(login.rule, user(1), at: clock.now) { later += 1 }
            }
            table.giveBack(place)
            let standing = try #require(table.standing(of: user(1), under: login.rule, at: clock.now))
            #expect(standing.remaining == limit - UInt32(later))
            let left = (0..<100).count { _ in table.admits(login.rule, user(1), at: clock.now) }
            #expect(left == Int(limit) - later)
            clock.advance(60 * second)
        }
    }

    @Test("An office that logs in all day leaks no charge", arguments: [20, 50] as [UInt32])
    func office(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let login = Charge(rule: rule(limit, in: 3600 * second), key: Key(address: "203.0.113.7")!, returnable: true)
        var (random, running) = (Repeatable(seed: 3), [Receipt.Place]())
        for _ in 0..<20_000 {
            clock.advance(UInt64.random(in: 0...(30 * second), using: &random))
            // Fifteen hashes at once at most, each running for minutes.
            if running.count == 15 { table.giveBack(running.remove(at: Int.random(in: 0..<15, using: &random))) }
            guard case .admitted(_, let place) = table.decide(login, at: clock.now) else {
                Issue.record("refused with \(running.count) running")
                return
            }
            running.append(place)
        }
        running.forEach(table.giveBack)
        #expect(table.standing(of: login.key, under: login.rule, at: clock.now)?.remaining == limit)
        #expect(table.usage(at: clock.now)?.addresses.used == 0)
    }

    @Test("Leaves the earlier charge that it replaced, for a request with an older clock reading")
    func earlierCharge() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let login = Charge(rule: rule(1, in: second), key: user(1), returnable: true)
        #expect(table.admits(login.rule, user(1), at: clock.now))
        guard case .admitted(_, let place) = table.decide(login, at: clock.now + second) else {
            Issue.record("refused")
            return
        }
        table.giveBack(place)
        #expect(!table.admits(login.rule, user(1), at: clock.now + second - 1))
        #expect(table.admits(login.rule, user(1), at: clock.now + second))
    }

    @Test("Under several rules, only the returnable charges are in the receipt")
    func receipt() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let charges = [
            Charge(rule: rule(5, in: minute, number: 1), key: user(1), returnable: true),
            Charge(rule: rule(40, in: minute, number: 2), key: user(1), returnable: true),
            Charge(rule: rule(5, in: minute, number: 3), key: user(1)),
        ]
        guard case .admitted(let standings, let receipt) = table.decide(charges, at: clock.now) else {
            Issue.record("refused")
            return
        }
        #expect(standings.map(\.remaining) == [4, 39, 4])
        table.giveBack(receipt)
        let left = charges.map { table.standing(of: $0.key, under: $0.rule, at: clock.now)?.remaining }
        #expect(left == [5, 40, 4])
    }

    @Test("From eight threads leaves neither a place lost nor one too many", arguments: [5, 300] as [UInt32])
    func concurrent(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let table = try scratch.table()
        let login = Charge(rule: rule(limit, in: 3600 * second), key: user(1), returnable: true)
        let kept = Atomic<Int>(0)
        try onThreads(8) { thread in
            for round in 0..<2000 {
                guard case .admitted(_, let place) = table.decide(login, at: Moment.now().boot) else { continue }
                // One thread keeps now and then what it got.
                if thread == 0, round % 100 == 0 {
                    kept.wrappingAdd(1, ordering: .relaxed)
                } else {
                    table.giveBack(place)
                }
            }
        }
        let standing = try #require(table.standing(of: user(1), under: login.rule, at: Moment.now().boot))
        #expect(Int(limit - standing.remaining) == kept.load(ordering: .relaxed))
    }
}

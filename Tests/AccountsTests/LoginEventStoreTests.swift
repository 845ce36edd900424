import Database
import Synchronization
import System
import TestDatabase
import Testing

@testable import Accounts

@Suite("Login events")
struct LoginEventStoreTests {
    /// 2026-11-22 18:00:00.123 UTC
    static let moment: Int64 = 1_795_370_400_123
    static let month = 30 * 86400

    let accounts: TestAccounts
    let anna: UserID

    init() throws {
        accounts = try TestAccounts()
        anna = try accounts.add("anna@x")
    }

    func event(
        _ at: Int64 = moment, _ outcome: LoginOutcome = .failed, _ reason: String = "wrong_password",
        user: UserID? = nil
    ) -> LoginEvent {
        LoginEvent(
            at: at, outcome: outcome, reason: reason, user: user, address: "203.0.113.7", door: "login",
            trace: "0123456789abcdef0123456789abcdef")
    }

    /// Rows with the numbers as they are: `ids` and how many seconds ago.
    func insert(_ ids: some Sequence<Int>, secondsAgo: Int) throws {
        let rows = ids.map { "(\($0), CURRENT_TIMESTAMP(3) - INTERVAL \(secondsAgo) SECOND, 'failed')" }
        try accounts.pool.execute("INSERT INTO login_events (id, at, outcome) VALUES \(rows.joined(separator: ","))")
    }

    func ids() throws -> [Int64] {
        try accounts.pool.rows("SELECT id FROM login_events ORDER BY id").map { try $0.integer(0) }
    }

    @Test("come back as they were, newest first, of one user alone")
    func last() throws {
        let bo = try accounts.add("bo@x")
        var events: [LoginEvent] = []
        for (number, reason) in ["wrong_password", "paused", "user_budget", ""].enumerated() {
            let outcome: LoginOutcome = number == 3 ? .ok : number == 0 ? .failed : .blocked
            events.append(event(Self.moment + Int64(number), outcome, reason, user: anna))
        }
        let others = [event(user: bo), event(Self.moment + 9, .failed, "unknown_email")]
        try accounts.events.append([events[2], others[0], events[0], events[3], others[1], events[1]])
        #expect(try accounts.events.last(of: anna) == events.reversed())
        #expect(try accounts.events.last(of: anna, limit: 2) == [events[3], events[2]])
        #expect(try accounts.events.last(of: bo) == [others[0]])
        #expect(try accounts.events.last(of: accounts.id()) == [])
        #expect(try accounts.count("login_events WHERE user_id IS NULL") == 1)
    }

    @Test("of one millisecond come back in the order in which they were written")
    func ties() throws {
        let events = (1...5).map { event(Self.moment, .blocked, "reason_\($0)", user: anna) }
        try accounts.events.append(events)
        #expect(try accounts.events.last(of: anna) == events.reversed())
    }

    @Test("outlive their user")
    func deletedUser() throws {
        try accounts.events.append([event(user: anna)])
        try accounts.pool.execute("DELETE FROM users WHERE id = ?", [.text("\(anna)")])
        // A batch that mentions somebody who has just gone is written whole.
        try accounts.events.append([event(Self.moment + 1, user: anna), event()])
        #expect(try accounts.events.last(of: anna).count == 2)
        #expect(try accounts.count("login_events") == 3)
    }

    @Test("are written 500 in a statement, whose text the connection does not keep")
    func batches() throws {
        let alone = try TestAccounts(connections: 1)
        _ = try alone.counters()
        var before = try alone.counter("Com_stmt_execute")
        for (size, statements) in [(0, 0), (1, 1), (500, 1), (501, 2)] {
            try alone.events.append((0..<size).map { event(Self.moment + Int64($0)) })
            let after = try alone.counter("Com_stmt_execute")
            #expect(after - before == Int64(statements + 1), "\(size) events")
            before = after
        }
        #expect(try alone.count("login_events") == 1002)
        #expect(try alone.counter("Com_stmt_close") == 4)
    }

    @Test("lose no other by an odd value: it is cut, and its time is brought to one that can be stored")
    func oddValues() throws {
        let long = String(repeating: "x", count: 300)
        var odd = event(0, .failed, long, user: anna)
        (odd.address, odd.door, odd.trace) = ("unix:é\n" + long, long, "tr\0ce 🦊")
        try accounts.events.append([event(Int64.min, user: anna), odd, event(Int64.max, user: anna), event()])
        let stored = try accounts.events.last(of: anna)
        #expect(stored.map(\.at) == [2_147_483_647_000, 1000, 1000])
        let cut = stored[1]
        #expect(cut.reason == String(repeating: "x", count: 40) && cut.door == String(repeating: "x", count: 20))
        #expect(cut.address == "unix:??" + String(repeating: "x", count: 38) && cut.trace == "tr?ce ?")
        #expect(try accounts.count("login_events") == 4)
    }

    @Test("of a user are found by the index")
    func index() throws {
        try accounts.pool.execute(
            "INSERT INTO login_events (outcome, user_id) SELECT 'failed', UUID() FROM seq_1_to_2000")
        try accounts.events.append([event(user: anna)])
        let connection = try Connection(accounts.settings)
        let sql = "EXPLAIN SELECT reason FROM login_events WHERE user_id = ? ORDER BY at DESC, id DESC LIMIT 20"
        let row = try #require(try connection.execute(sql, [.text("\(anna)")]).rows.first)
        #expect(try row.optionalText(5) == "by_user")
        #expect(try row.optionalText(9)?.contains("filesort") != true)
    }

    @Test("go when they are too old, by their own time and not by their number")
    func age() throws {
        try insert(1...40, secondsAgo: Self.month + 60)
        try insert(41...50, secondsAgo: Self.month - 60)
        // Written while the clock was a year behind, and a year ahead.
        try insert([51], secondsAgo: 365 * 86400)
        try insert([0x7fff], secondsAgo: -365 * 86400)
        try insert([0x8000], secondsAgo: 0)
        #expect(try accounts.events.purge(olderThan: Self.month, keepRows: 1000, batch: 7) == 41)
        #expect(try ids() == Array(41...50) + [0x7fff, 0x8000])
        #expect(try accounts.events.purge(olderThan: Self.month, keepRows: 1000) == 0)
    }

    @Test("are no more than so many rows, whatever gaps a cluster leaves between their numbers")
    func rows() throws {
        try insert(stride(from: 3, through: 300, by: 3), secondsAgo: 0)
        #expect(try accounts.events.purge(olderThan: Self.month, keepRows: 100) == 0)
        #expect(try accounts.events.purge(olderThan: Self.month, keepRows: 98, batch: 1) == 2)
        #expect(try accounts.events.purge(olderThan: Self.month, keepRows: 10, batch: 20) == 88)
        #expect(try ids() == stride(from: 273, through: 300, by: 3).map { Int64($0) })
        #expect(try accounts.events.purge(olderThan: Self.month, keepRows: 0) == 10)
        #expect(try accounts.events.purge(olderThan: Self.month, keepRows: 0) == 0)
    }

    @Test("are counted in strides, to the same row")
    func strides() throws {
        try insert(1...35, secondsAgo: 0)
        for keep in 0...40 {
            let expected = keep < 35 ? Int64(35 - keep) : nil
            for step in [1, 7, 10, 35, 100] {
                #expect(try accounts.events.lastSurplus(keep, stride: step) == expected, "\(keep) by \(step)")
            }
        }
    }

    @Test("are deleted in small batches, twenty in a call")
    func bounded() throws {
        try insert(1...130, secondsAgo: Self.month + 60)
        try insert(131...260, secondsAgo: 0)
        #expect(try accounts.events.purge(olderThan: Self.month, keepRows: 60, batch: 5) == 100)
        #expect(try accounts.events.purge(olderThan: Self.month, keepRows: 60, batch: 5) == 100)
        #expect(try ids() == Array(201...260))
        #expect(try accounts.events.purge(olderThan: Self.month, keepRows: 60, batch: 5) == 0)
    }

    @Test("are written and deleted at once by several, without an error and without one too few")
    func together() throws {
        let errors = Mutex<[String]>([])
        let deleted = Atomic<Int>(0)
        let threads = try (0..<4).map { thread in
            try Threads.start("events") {
                for _ in 0..<25 {
                    do throws(AccountsError) {
                        if thread < 2 {
                            let now = Int64(2_000_000_000_000)
                            try accounts.events.append((0..<20).map { event($0 % 2 == 0 ? now : 1000) })
                        } else {
                            let count = try accounts.events.purge(olderThan: Self.month, keepRows: 50, batch: 9)
                            deleted.add(count, ordering: .relaxed)
                        }
                    } catch {
                        errors.withLock { $0.append("\(error)") }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(errors.withLock { $0 } == [])
        #expect(try accounts.count("login_events") == Int64(1000 - deleted.load(ordering: .relaxed)))
        while try accounts.events.purge(olderThan: Self.month, keepRows: 50) > 0 {}
        #expect(try accounts.count("login_events") == 50)
    }
}

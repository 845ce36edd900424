import Database
import Synchronization
import System
import TestDatabase
import Testing

@Suite("A pool")
struct PoolTests {
    let settings: ConnectionSettings
    let admin: ConnectionSettings

    init() throws {
        settings = TestServer.shared.settings(database: try TestServer.shared.makeDatabase())
        admin = settings
    }

    func number(of pool: Pool) throws -> Int64 {
        try #require(try pool.rows("SELECT CONNECTION_ID()").first).integer(0)
    }

    func kill(_ number: Int64) throws {
        let connection = try Connection(admin)
        try connection.run(script: "KILL \(number)")
        try waitUntil("connection \(number) is gone") {
            try connection.execute("SELECT 1 FROM information_schema.processlist WHERE id = ?", [Value(number)])
                .rows.isEmpty
        }
    }

    @Test("goes on after KILL, with statements prepared anew")
    func killed() throws {
        let pool = Pool(settings, size: 1)
        let first = try number(of: pool)
        for _ in 1...3 {
            try kill(try number(of: pool))
            #expect(try pool.rows("SELECT CAST(? AS INT)", [7]) == [Row([7])])
        }
        #expect(try number(of: pool) != first)
        #expect(!pool.isOpen)
    }

    @Test("asks a rested connection for a sign of life before it writes")
    func writeAfterRest() throws {
        let pool = Pool(settings, size: 1)
        try pool.execute("CREATE TABLE w (n INT)")
        let rested = ContinuousClock.now
        try kill(try number(of: pool))
        try waitUntil("the connection has rested") { ContinuousClock.now - rested > .milliseconds(1200) }
        try pool.execute("INSERT INTO w VALUES (1)")
        #expect(try pool.rows("SELECT n FROM w") == [Row([1])])
    }

    @Test("never writes twice: a write on a connection that broke fails, and the next call works")
    func brokenWrite() throws {
        let pool = Pool(settings, size: 1)
        try pool.execute("CREATE TABLE once (n INT)")
        let number = try number(of: pool)
        let admin = admin
        let killer = try Threads.start("killer") {
            guard let connection = try? Connection(admin) else { return }
            try? waitUntil("the write runs") {
                try !connection.execute(
                    "SELECT 1 FROM information_schema.processlist WHERE id = ? AND info LIKE '%SLEEP(0.7)%'",
                    [Value(number)]
                ).rows.isEmpty
            }
            try? connection.run(script: "KILL \(number)")
        }
        // The connection dies while its statement runs: the server's answer never comes.
        let broken = #expect(throws: DatabaseError.self) {
            try pool.execute("INSERT INTO once SELECT 1 FROM (SELECT 1) one WHERE SLEEP(0.7) = 0")
        }
        killer.join()
        #expect(broken?.kind == .away)
        try waitUntil("the pool is back") { !pool.isOpen }
        #expect(try pool.rows("SELECT COUNT(*) FROM once") == [Row([0])])
    }

    @Test("prepares again after a table has changed")
    func changedTable() throws {
        let pool = Pool(settings, size: 1)
        try pool.execute("CREATE TABLE changing (n INT)")
        try pool.execute("INSERT INTO changing VALUES (1)")
        #expect(try pool.rows("SELECT * FROM changing") == [Row([1])])
        _ = try Connection(admin).execute("ALTER TABLE changing ADD COLUMN word TEXT DEFAULT 'new'")
        #expect(try pool.rows("SELECT n FROM changing") == [Row([1])])
        _ = try Connection(admin).execute("ALTER TABLE changing MODIFY n VARCHAR(20)")
        #expect(try pool.rows("SELECT n FROM changing") == [Row([.text("1")])])
    }

    @Test("lends no more connections than its size, and says so when all are in use")
    func bounded() throws {
        let pool = Pool(settings, size: 2, wait: .milliseconds(100))
        let outcomes = Mutex<[String]>([])
        let threads = try (1...6).map { _ in
            try Threads.start("caller") {
                do throws(DatabaseError) {
                    _ = try pool.rows("SELECT SLEEP(0.5)")
                    outcomes.withLock { $0.append("done") }
                } catch {
                    outcomes.withLock { $0.append("\(error.kind)") }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(outcomes.withLock { $0.sorted() } == ["busy", "busy", "busy", "busy", "done", "done"])
        #expect(pool.statistics.connections == 2)
        #expect(!pool.isOpen)
    }

    @Test("hands a connection to who waits for one")
    func waiting() throws {
        let pool = Pool(settings, size: 1, wait: .seconds(5))
        let done = Atomic<Int>(0)
        let threads = try (1...8).map { _ in
            try Threads.start("caller") {
                if (try? pool.rows("SELECT SLEEP(0.02)")) != nil { done.add(1, ordering: .relaxed) }
            }
        }
        for thread in threads { thread.join() }
        #expect(done.load(ordering: .relaxed) == 8)
        #expect(pool.statistics.opened == 1)
    }

    @Test("keeps answers apart while many threads ask")
    func manyThreads() throws {
        let pool = Pool(settings, size: 4, wait: .seconds(5))
        let wrong = Atomic<Int>(0)
        let threads = try (1...8).map { number in
            try Threads.start("caller") {
                for round in 1...200 {
                    let value = Value(number * 1000 + round)
                    if (try? pool.rows("SELECT CAST(? AS INT)", [value])) != [Row([value])] {
                        wrong.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(wrong.load(ordering: .relaxed) == 0)
    }

    @Test("gives back the rows that a change returns, and how many it matched")
    func returning() throws {
        let pool = Pool(settings, size: 1)
        try pool.execute("CREATE TABLE r (n INT PRIMARY KEY AUTO_INCREMENT, word TEXT)")
        #expect(
            try pool.change("INSERT INTO r (word) VALUES (?), (?) RETURNING n", [.text("a"), .text("b")]).rows == [
                Row([1]), Row([2]),
            ])
        let deleted = try pool.change("DELETE FROM r")
        #expect(deleted.affected == 2 && deleted.rows == [])
    }

    @Test("a text that is not kept is prepared and closed each time, and pushes no kept one out")
    func notKept() throws {
        let pool = Pool(settings, size: 1)
        func count(_ name: String) throws -> Int {
            let sql =
                "SELECT CAST(variable_value AS INT) FROM information_schema.session_status WHERE variable_name = ?"
            return Int(try pool.rows(sql, [.text(name)])[0].integer(0))
        }
        try pool.execute("CREATE TABLE k (n INT)")
        #expect(try pool.rows("SELECT n FROM k") == [])
        let (prepared, closed) = (try count("Com_stmt_prepare"), try count("Com_stmt_close"))
        for number in 1...100 {
            let values = (1...number).map { Value($0) }
            let places = Array(repeating: "(?)", count: number).joined(separator: ",")
            #expect(try pool.change("INSERT INTO k VALUES \(places)", values, isKept: false).affected == number)
        }
        #expect(try pool.rows("SELECT MAX(n) FROM k WHERE n < ?", [50], isKept: false) == [Row([49])])
        #expect(try pool.rows("SELECT n FROM k").count == 5050)
        #expect(try count("Com_stmt_prepare") - prepared == 101)
        #expect(try count("Com_stmt_close") - closed == 101)
    }

    @Test("an error of a statement leaves the connection and the breaker as they were")
    func statementErrors() throws {
        let pool = Pool(settings, size: 1)
        let first = try number(of: pool)
        #expect(throws: DatabaseError.self) { try pool.rows("SELECT nothing") }
        #expect(throws: DatabaseError.self) { try pool.rows("not even SQL") }
        #expect(try number(of: pool) == first)
    }
}

import Accounts
import Database
import Foundation
import Synchronization
import System
import TestDatabase
import Testing

@Suite("Migrations")
struct MigrationTests {
    let accounts: TestAccounts
    let directory: Folder

    init() throws {
        accounts = try TestAccounts(migrated: false)
        directory = try Folder()
        try directory.write(
            "0000_schema_migrations.sql",
            String(contentsOfFile: migrationsDirectory + "/0000_schema_migrations.sql", encoding: .utf8))
        try directory.write("0001_first.sql", "CREATE TABLE a (n INT PRIMARY KEY); INSERT INTO a VALUES (1);")
        try directory.write("0002_second.sql", "ALTER TABLE a ADD COLUMN word TEXT;")
    }

    func set() throws -> MigrationSet { try MigrationSet(directory: directory.path) }

    func migrate(wait: Duration = .seconds(60)) throws -> [Int] {
        try Migrator(accounts.place, set()).migrate(wait: wait).map(\.number)
    }

    func status() throws -> MigrationStatus { try Migrator(accounts.place, set()).status() }

    @Test("of this release end at the schema that it wants, and give every table a primary key")
    func release() throws {
        let set = try MigrationSet(directory: migrationsDirectory)
        #expect(set.highest == SchemaState.wanted)
        let fresh = try TestAccounts()
        #expect(try SchemaState.of(fresh.pool) == .current(SchemaState.wanted))
        let without = try fresh.pool.rows(
            """
            SELECT table_name FROM information_schema.tables t WHERE table_schema = DATABASE() AND NOT EXISTS (
                SELECT 1 FROM information_schema.table_constraints c WHERE c.table_schema = t.table_schema
                AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY')
            """)
        #expect(without == [])
    }

    @Test("run once, in order, and are recorded")
    func once() throws {
        #expect(try status().pending.map(\.number) == [1, 2])
        #expect(try status().schema == .missing(wanted: 2))
        #expect(try migrate() == [1, 2])
        #expect(try migrate() == [])
        let status = try status()
        #expect(status.applied.map(\.name) == ["first", "second"])
        #expect(status.applied.allSatisfy { $0.isFinished && $0.checksum.utf8.count == 64 })
        #expect(status.pending == [] && status.problem == nil && status.schema == .current(2))
        #expect(try accounts.pool.rows("SELECT n, word FROM a") == [Row([.integer(1), .null])])
    }

    @Test("are identified by the SHA-256 that sha256sum prints")
    func checksum() throws {
        try directory.write("0003_abc.sql", "abc")
        #expect(
            try set().migrations.last?.checksum == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("run once also when four migrators start together")
    func together() throws {
        for number in 3...8 {
            try directory.write("000\(number)_more.sql", "CREATE TABLE t\(number) (n INT PRIMARY KEY);")
        }
        let done = Mutex<[Int]>([])
        let threads = try (1...4).map { _ in
            try Threads.start("migrator") {
                do {
                    let numbers = try migrate()
                    done.withLock { $0 += numbers }
                } catch {
                    Issue.record(error)
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(done.withLock { $0.sorted() } == Array(1...8))
        #expect(try status().applied.count == 8)
    }

    @Test("wait for one that runs, and say so when the wait is over")
    func running() throws {
        #expect(try migrate() == [1, 2])
        let other = try Connection(accounts.settings)
        try directory.write("0003_third.sql", "CREATE TABLE c (n INT PRIMARY KEY);")
        let checksum = try #require(try set().migrations.last).checksum
        try other.run(
            script: """
                INSERT INTO schema_migrations (number, name, checksum, connection)
                VALUES (3, 'third', '\(checksum)', CONNECTION_ID())
                """)
        let error = #expect(throws: MigrationError.self) { _ = try migrate(wait: .milliseconds(300)) }
        guard case .running = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try other.run(script: "UPDATE schema_migrations SET finished_at = NOW() WHERE number = 3")
        #expect(try migrate() == [])
    }

    @Test("stop at one that was left half-way, with the cure that works")
    func halfApplied() throws {
        try directory.write("0003_third.sql", "CREATE TABLE c (n INT PRIMARY KEY); CREATE TABLE c (n INT); SELECT 1;")
        let failed = try #require(throws: MigrationError.self) { _ = try migrate() }
        guard case .failed(_, applied: 1, _) = failed else {
            Issue.record("\(failed)")
            return
        }
        #expect("\(failed)".contains("0003_third.sql, statement 2"))
        let refused = try #require(throws: MigrationError.self) { _ = try migrate() }
        guard case .halfApplied(let row) = refused else {
            Issue.record("\(refused)")
            return
        }
        #expect(row.number == 3)
        #expect(try status().schema == .oneBack(2, wanted: 3))
        let cure = "DELETE FROM schema_migrations WHERE number = 3;"
        #expect("\(refused)".contains(cure) && "\(failed)".contains(cure))
        try Connection(accounts.settings).run(script: "DROP TABLE c;" + cure)
        try directory.write("0003_third.sql", "CREATE TABLE c (n INT PRIMARY KEY);")
        #expect(try migrate() == [3])
    }

    @Test("stop where the connection breaks, and know that they did")
    func interrupted() throws {
        try directory.write("0003_third.sql", "CREATE TABLE c (n INT PRIMARY KEY); DO SLEEP(30);")
        let settings = accounts.settings
        let killer = try Threads.start("killer") {
            let sql = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'DO SLEEP(30%'"
            try? waitUntil("the migration sleeps") {
                let connection = try Connection(settings)
                guard let row = try connection.execute(sql).rows.first else { return false }
                try connection.run(script: "KILL \(row.integer(0))")
                return true
            }
        }
        let broken = try #require(throws: MigrationError.self) { _ = try migrate() }
        killer.join()
        guard case .interrupted(let migration, _) = broken, migration.number == 3 else {
            Issue.record("\(broken)")
            return
        }
        let refused = try #require(throws: MigrationError.self) { _ = try migrate() }
        guard case .halfApplied = refused else {
            Issue.record("\(refused)")
            return
        }
    }

    @Test("make the database where it is missing")
    func missingDatabase() throws {
        var place = accounts.place
        place.name += "_new"
        let error = try #require(throws: MigrationError.self) { _ = try Migrator(place, set()) }
        #expect("\(error)".contains("postern database migrate"))
        try Migrator.createDatabase(place)
        try Migrator.createDatabase(place)
        #expect(try Migrator(place, set()).migrate().map(\.number) == [1, 2])
    }

    @Test("change nothing when the first statement fails, and can run again at once")
    func firstStatement() throws {
        try directory.write("0003_third.sql", "CREATE TABLE a (n INT); CREATE TABLE c (n INT);")
        let failed = try #require(throws: MigrationError.self) { _ = try migrate() }
        #expect("\(failed)".contains("Nothing was changed"))
        #expect(try status().problem == nil)
        try directory.write("0003_third.sql", "CREATE TABLE c (n INT PRIMARY KEY);")
        #expect(try migrate() == [3])
    }

    @Test("refuse a file that is not the one that ran")
    func changedFile() throws {
        _ = try migrate()
        try directory.write("0002_second.sql", "ALTER TABLE a ADD COLUMN other TEXT;")
        let error = try #require(throws: MigrationError.self) { _ = try migrate() }
        guard case .changed(let row, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(row.number == 2)
        #expect(try status().problem == error)
    }

    @Test("refuse a database that is ahead of the release")
    func ahead() throws {
        _ = try migrate()
        try directory.remove("0002_second.sql")
        let error = try #require(throws: MigrationError.self) { _ = try migrate() }
        guard case .unknown(let row) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(row.number == 2)
        #expect(try SchemaState.of(accounts.pool, wanted: 1) == .tooNew(2, wanted: 1))
    }

    @Test("a release runs on its own schema and the one before, and on no other")
    func oneBack() throws {
        #expect(try SchemaState.of(accounts.pool, wanted: 2) == .missing(wanted: 2))
        _ = try migrate()
        let usable = try (1...4).map { try SchemaState.of(accounts.pool, wanted: $0) }
        #expect(usable == [.tooNew(2, wanted: 1), .current(2), .oneBack(2, wanted: 3), .tooOld(2, wanted: 4)])
        #expect(usable.map(\.isUsable) == [false, true, true, false])
    }

    @Test("refuse a folder with a gap, a number twice, or a name of another form")
    func folders() throws {
        try directory.write("0004_fourth.sql", "SELECT 1")
        #expect(throws: MigrationError.self) { try set() }
        try directory.write("0003_third.sql", "SELECT 1")
        #expect(try set().highest == 4)
        try directory.write("0003_twice.sql", "SELECT 1")
        #expect(throws: MigrationError.self) { try set() }
        try directory.remove("0003_twice.sql")
        for name in ["5_five.sql", "0005-five.sql", "0005_Five.sql", "0005_.sql", "00005_five.sql", "+005_five.sql"] {
            try directory.write(name, "SELECT 1")
            #expect(throws: MigrationError.self) { try set() }
            try directory.remove(name)
        }
        #expect(throws: MigrationError.self) { try MigrationSet(directory: "/no/such/folder") }
    }
}

/// A folder under /tmp for the length of a test.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/postern-migrations-" + String(UInt64.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }
}

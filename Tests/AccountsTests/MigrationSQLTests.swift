import Accounts
import Database
import TestDatabase
import Testing

@Suite("The SQL for a DBA")
struct MigrationSQLTests {
    @Test("makes the same schema as the migrator, which then finds nothing to do")
    func text() throws {
        let server = TestServer.shared
        let set = try MigrationSet(directory: migrationsDirectory)
        let place = DatabasePlace(socket: server.socket, name: "by hand`_1", user: server.user)
        let text = MigrationSQL.text(set, pending: set.migrations, database: place.name)
        try Connection(server.settings(database: nil)).run(script: text)
        let status = try Migrator(place, set).status()
        #expect(status.pending == [] && status.problem == nil && status.schema == .current(set.highest))
        #expect(try Migrator(place, set).migrate() == [])
        #expect(try tables(place.name) == tables(TestAccounts().place.name))
        try Connection(server.settings(database: nil)).run(script: "DROP DATABASE `by hand``_1`")
    }

    private func tables(_ database: String) throws -> [Row] {
        let sql = """
            SELECT table_name, column_name, column_type, collation_name, column_default FROM information_schema.columns
            WHERE table_schema = ? ORDER BY 1, 2
            """
        return try Connection(TestServer.shared.settings(database: nil)).execute(sql, [.text(database)]).rows
    }

    @Test("lets the workers in as the user who calls, and to rows only")
    func grants() throws {
        let accounts = try TestAccounts()
        let name = "worker" + accounts.place.name
        let admin = try Connection(accounts.settings)
        // Twice: a DBA may run it again.
        for _ in 1...2 { try admin.run(script: MigrationSQL.grants(user: name, database: accounts.place.name)) }
        let shown = try admin.execute("SHOW GRANTS FOR \(name)@localhost").rows.map { try $0.text(0) }
        #expect(shown.contains { $0.contains("VIA unix_socket") })
        #expect(shown.count == 2)

        // A password in place of unix_socket, since the tests run as another system user.
        try admin.run(script: "ALTER USER \(name)@localhost IDENTIFIED BY 'correct horse'")
        var settings = accounts.settings
        settings.user = name
        settings.password = DatabasePassword("correct horse")
        let pool = Pool(settings)
        let worker = UserStore(pool)
        let id = accounts.id()
        try worker.add(NewUser(id: id, email: EmailAddress("a@x"), name: "", passwordHash: "$2b$"))
        try worker.setActive(false, of: id)
        #expect(try worker.find(id: id)?.isActive == false)
        #expect(try SchemaState.of(pool).isUsable)
        try NetworkStore(pool).noteLogin(user: id, network: "203.0.113.7")
        try pool.execute("UPDATE user_networks SET last_login_at = '2020-01-01'")
        #expect(try NetworkStore(pool).purge() == 1)
        let event = LoginEvent(at: 1000, outcome: .ok, reason: "", user: id, address: "", door: "login", trace: "")
        try LoginEventStore(pool).append([event])
        #expect(try LoginEventStore(pool).purge(olderThan: 1, keepRows: 1) == 1)
        let ban = try BanStore(pool).add(NewBan(.user(id), madeBy: "root"))
        #expect(try BanStore(pool).active() == [ban] && BanStore(pool).remove(id: ban.id))
        for statement in [
            "CREATE TABLE x (n INT)", "ALTER TABLE users ADD COLUMN x INT", "DROP TABLE photos", "TRUNCATE users",
            "CREATE INDEX x ON users (name)", "CREATE DATABASE x", "SELECT * FROM mysql.global_priv",
            "SELECT 1 INTO OUTFILE '/tmp/x'", "CREATE USER x@localhost", "GRANT SELECT ON *.* TO root@localhost",
        ] {
            let error = #expect(throws: DatabaseError.self) { try Connection(settings).execute(statement) }
            #expect(error?.kind == .refused, "\(statement)")
        }
    }

    @Test("a name with _ opens that database alone")
    func wildcards() throws {
        let admin = try Connection(TestServer.shared.settings(database: nil))
        try admin.run(
            script: "CREATE DATABASE wild_card; CREATE DATABASE wildXcard;"
                + MigrationSQL.grants(user: "wild", database: "wild_card")
                + "ALTER USER wild@localhost IDENTIFIED BY 'correct horse'")
        var settings = TestServer.shared.settings(database: "wild_card")
        settings.user = "wild"
        settings.password = DatabasePassword("correct horse")
        #expect(try Connection(settings).execute("SELECT 1").rows == [Row([.integer(1)])])
        settings.database = "wildXcard"
        #expect(throws: DatabaseError.self) { _ = try Connection(settings) }
    }

    @Test("quotes names")
    func quoting() {
        #expect(MigrationSQL.grants(user: "o'hara", database: "a`b").contains("'o''hara'@localhost"))
        #expect(MigrationSQL.grants(user: "x", database: "a`b").contains("ON `a``b`.*"))
    }
}

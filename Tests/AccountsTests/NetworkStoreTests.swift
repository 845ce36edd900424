import Accounts
import Database
import Synchronization
import System
import TestDatabase
import Testing

@Suite("Known networks")
struct NetworkStoreTests {
    static let home = "203.0.113.7"
    static let office = "2001:db8:1:2::/64"

    let accounts: TestAccounts
    let anna: UserID

    init() throws {
        accounts = try TestAccounts(connections: 8)
        anna = try accounts.add("anna@x")
    }

    func isKnown(_ network: String, _ email: String = "anna@x") throws -> Bool {
        try #require(try accounts.users.credentials(email: EmailAddress(email), network: network)).isKnownNetwork
    }

    func networks() throws -> [String] {
        try accounts.pool.rows(
            "SELECT network FROM user_networks WHERE user_id = ? ORDER BY network", [.text("\(anna)")]
        )
        .map { try $0.text(0) }
    }

    /// Moves a login into the past.
    func age(_ network: String, _ interval: String) throws {
        let sql = """
            UPDATE user_networks SET first_login_at = CURRENT_TIMESTAMP - INTERVAL \(interval),
            last_login_at = CURRENT_TIMESTAMP - INTERVAL \(interval) WHERE user_id = ? AND network = ?
            """
        #expect(try accounts.pool.execute(sql, [.text("\(anna)"), .text(network)]) == 1)
    }

    @Test("are of one user and one network, from the first login there")
    func first() throws {
        try accounts.add("bo@x")
        #expect(try !isKnown(Self.home))
        try accounts.networks.noteLogin(user: anna, network: Self.home)
        #expect(try isKnown(Self.home))
        for other in [Self.office, "203.0.113.70", "203.0.113.", "203.0.113.7 ", ""] { #expect(try !isKnown(other)) }
        #expect(try !isKnown(Self.home, "bo@x"))
        try accounts.networks.noteLogin(user: anna, network: Self.office)
        #expect(try isKnown(Self.home) && isKnown(Self.office))
    }

    @Test("are known for 90 days after the last login")
    func days() throws {
        try accounts.networks.noteLogin(user: anna, network: Self.home)
        try age(Self.home, "2159 HOUR")
        #expect(try isKnown(Self.home))
        try age(Self.home, "2161 HOUR")
        #expect(try !isKnown(Self.home))
        try accounts.networks.noteLogin(user: anna, network: Self.home)
        #expect(try isKnown(Self.home))
    }

    @Test("are written where they are new or a day old, and else only read")
    func writes() throws {
        let alone = try TestAccounts(connections: 1)
        let anna = try alone.add("anna@x")
        func writes() throws -> Int64 { try alone.counter("Com_insert") + alone.counter("Com_delete") }
        func lastLogin() throws -> Row {
            let sql = """
                SELECT TIMESTAMPDIFF(HOUR, first_login_at, CURRENT_TIMESTAMP),
                    TIMESTAMPDIFF(HOUR, last_login_at, CURRENT_TIMESTAMP) FROM user_networks
                """
            return try #require(try alone.pool.rows(sql).first)
        }
        try alone.networks.noteLogin(user: anna, network: Self.home)
        var before = try writes()
        try alone.networks.noteLogin(user: anna, network: Self.home)
        #expect(try writes() == before)
        let past = "UPDATE user_networks SET first_login_at = CURRENT_TIMESTAMP - INTERVAL 50 DAY, last_login_at = "
        try alone.pool.execute(past + "CURRENT_TIMESTAMP - INTERVAL 1430 MINUTE")
        before = try writes()
        try alone.networks.noteLogin(user: anna, network: Self.home)
        #expect(try writes() == before)
        #expect(try lastLogin() == Row([.integer(1200), .integer(23)]))
        try alone.pool.execute(past + "CURRENT_TIMESTAMP - INTERVAL 25 HOUR")
        before = try writes()
        try alone.networks.noteLogin(user: anna, network: Self.home)
        #expect(try writes() == before + 1)
        #expect(try lastLogin() == Row([.integer(1200), .integer(0)]))
    }

    @Test("are twenty of a user at most: the one whose last login is oldest goes, and those of others stay")
    func twenty() throws {
        let bo = try accounts.add("bo@x")
        try accounts.networks.noteLogin(user: bo, network: Self.home)
        try accounts.pool.execute("UPDATE user_networks SET last_login_at = CURRENT_TIMESTAMP - INTERVAL 80 DAY")
        for number in 1...20 {
            try accounts.networks.noteLogin(user: anna, network: "10.0.0.\(number)")
            try age("10.0.0.\(number)", "\(60 - number) DAY")
        }
        #expect(try networks().count == NetworkStore.limit)
        // The oldest is used again, so the second goes.
        try accounts.networks.noteLogin(user: anna, network: "10.0.0.1")
        try accounts.networks.noteLogin(user: anna, network: "10.0.0.21")
        #expect(try networks().count == NetworkStore.limit)
        #expect(try isKnown("10.0.0.1") && !isKnown("10.0.0.2") && isKnown("10.0.0.3") && isKnown("10.0.0.21"))
        #expect(try isKnown(Self.home, "bo@x"))
    }

    @Test("that are no longer known go with the user's next new one, or when nobody comes back")
    func purge() throws {
        let bo = try accounts.add("bo@x")
        for user in [anna, bo] {
            for network in [Self.home, Self.office] { try accounts.networks.noteLogin(user: user, network: network) }
        }
        try accounts.pool.execute(
            "UPDATE user_networks SET last_login_at = CURRENT_TIMESTAMP - INTERVAL 91 DAY WHERE network = ?",
            [.text(Self.home)])
        try accounts.networks.noteLogin(user: anna, network: "10.0.0.1")
        #expect(try networks() == ["10.0.0.1", Self.office])
        #expect(try accounts.count("user_networks") == 4)
        #expect(try accounts.networks.purge() == 1)
        #expect(try accounts.networks.purge() == 0)
        #expect(try isKnown(Self.office, "bo@x") && !isKnown(Self.home, "bo@x"))
        try accounts.pool.execute("UPDATE user_networks SET last_login_at = CURRENT_TIMESTAMP - INTERVAL 91 DAY")
        #expect(try accounts.networks.purge(batch: 2) == 2)
        #expect(try accounts.count("user_networks") == 1)
    }

    @Test("go with their user; a user who is gone gets none")
    func deletedUser() throws {
        try accounts.networks.noteLogin(user: anna, network: Self.home)
        try accounts.pool.execute("DELETE FROM users WHERE id = ?", [.text("\(anna)")])
        #expect(try accounts.count("user_networks") == 0)
        #expect(throws: AccountsError.notFound) {
            try accounts.networks.noteLogin(user: anna, network: Self.home)
        }
    }

    @Test("take logins of one user at once, from one network and from many, without an error")
    func together() throws {
        let errors = Mutex<[String]>([])
        let threads = try (0..<8).map { thread in
            try Threads.start("login") {
                for round in 0..<40 {
                    do throws(AccountsError) {
                        // All eight on one new network, then each on one of its own.
                        try accounts.networks.noteLogin(user: anna, network: "10.0.0.\(round)")
                        try accounts.networks.noteLogin(user: anna, network: "10.\(thread + 1).0.\(round)")
                        _ = try accounts.networks.purge()
                    } catch {
                        errors.withLock { $0.append("\(error)") }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(errors.withLock { $0 } == [])
        #expect(try networks().count == NetworkStore.limit)
    }

    /// The login's INSERT holds the user's row and waits for the networks; the other transaction holds the networks
    /// and asks for the user's row. It has written more, so the server gives up the login.
    @Test("are written also where the server gives a statement up as a deadlock")
    func deadlock() throws {
        let alone = try TestAccounts(connections: 1)
        let anna = try alone.add("anna@x")
        let number = try alone.pool.rows("SELECT CONNECTION_ID()")[0]
        let other = try Connection(alone.settings)
        try other.run(
            script: """
                CREATE TABLE ballast (n INT PRIMARY KEY);
                START TRANSACTION;
                INSERT INTO ballast SELECT seq FROM seq_1_to_1000;
                SELECT * FROM user_networks WHERE user_id = '\(anna)' FOR UPDATE;
                """)
        let before = try alone.counters().executed
        let failure = Mutex<AccountsError?>(nil)
        let login = try Threads.start("login") {
            do throws(AccountsError) {
                try alone.networks.noteLogin(user: anna, network: Self.home)
            } catch {
                failure.withLock { $0 = error }
            }
        }
        let observer = try Connection(alone.settings)
        let waits =
            "SELECT 1 FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = ? AND trx_state = 'LOCK WAIT'"
        try waitUntil("the login waits for a lock") {
            // The server renews this table for who has not read it for a tenth of a second.
            _ = try observer.execute("DO SLEEP(0.15)")
            return try !observer.execute(waits, number.values).rows.isEmpty
        }
        try other.run(script: "UPDATE users SET name = 'Anna Maria' WHERE id = '\(anna)'; COMMIT")
        login.join()
        #expect(failure.withLock { $0 } == nil)
        #expect(try alone.count("user_networks") == 1)
        // A look, the INSERT twice, the look at all, the count of rows above, and the two questions for the counters.
        #expect(try alone.counters().executed == before + 7)
    }

    @Test("cost a login no second question and no search through the table")
    func oneQuestion() throws {
        let alone = try TestAccounts(connections: 1)
        let id = try alone.add("anna@x")
        for number in 0..<300 { try alone.add("user\(number)@x") }
        try alone.pool.execute("INSERT INTO user_networks (user_id, network) SELECT id, '10.0.0.1' FROM users")
        try alone.networks.noteLogin(user: id, network: Self.home)
        // Prepared and counted once, so that what follows is a login's cost alone.
        _ = try alone.users.credentials(email: EmailAddress("anna@x"), network: Self.office)
        _ = try alone.counter("Com_stmt_execute")
        let before = try alone.counter("Com_stmt_execute")
        let credentials = try alone.users.credentials(email: EmailAddress("anna@x"), network: Self.home)
        #expect(credentials?.isKnownNetwork == true)
        // One for the login, one for the question itself.
        #expect(try alone.counter("Com_stmt_execute") == before + 2)

        let explained = try Connection(alone.settings).execute(
            "EXPLAIN SELECT 1 FROM user_networks WHERE user_id = ? AND network = ?",
            [.text("\(id)"), .text(Self.home)]
        ).rows
        #expect(try #require(explained.first).optionalText(5) == "PRIMARY")
    }
}

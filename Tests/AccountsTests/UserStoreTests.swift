import Accounts
import Database
import Synchronization
import TestDatabase
import Testing

@Suite("The user store")
struct UserStoreTests {
    let accounts: TestAccounts
    var users: UserStore { accounts.users }

    init() throws { accounts = try TestAccounts() }

    func credentials(_ email: String) throws -> Credentials? {
        try users.credentials(email: EmailAddress(email), network: "203.0.113.7")
    }

    @Test("finds by id and by e-mail what was added")
    func added() throws {
        let id = accounts.id()
        try users.add(
            NewUser(
                id: id, email: EmailAddress("Anna@Example.com"), name: "Anna Ångström 🦊", passwordHash: "$2b$12$abc",
                scopes: ["photos", "read:all"], groups: ["ops"]))
        let user = try #require(try users.find(id: id))
        #expect(user.id == id)
        #expect(user.email.text == "anna@example.com")
        #expect(user.name == "Anna Ångström 🦊")
        #expect(user.isActive && user.tokenVersion == 1)
        #expect(user.scopes == ["photos", "read:all"] && user.groups == ["ops"])
        #expect(user.createdAt > 1_700_000_000 && user.updatedAt >= user.createdAt)
        #expect(try users.find(email: EmailAddress("ANNA@example.com")) == user)
        let credentials = try #require(try credentials("anna@example.com"))
        #expect(credentials.user == user && credentials.passwordHash == "$2b$12$abc")
    }

    @Test("finds nothing where there is nothing")
    func nothing() throws {
        #expect(try users.find(id: accounts.id()) == nil)
        #expect(try users.find(email: EmailAddress("nobody@example.com")) == nil)
        #expect(try credentials("nobody@example.com") == nil)
    }

    @Test("tells addresses apart by accent, by every letter beyond ASCII, and takes none twice")
    func collation() throws {
        let texts = ["eva@x", "éva@x", "Éva@x", "ēva@x", "straße@x", "strasse@x", "ı@x", "i@x", "ﬁ@x", "fi@x"]
        let ids = try texts.map { try accounts.add($0) }
        for (id, text) in zip(ids, texts) { #expect(try users.find(email: EmailAddress(text))?.id == id) }
        #expect(throws: AccountsError.duplicateEmail) { try accounts.add("EVA@X") }
        #expect(throws: AccountsError.duplicateEmail) { try accounts.add("e\u{301}va@x") }
    }

    @Test("the column counts a space at the end, and refuses a form that no login finds")
    func byHand() throws {
        let insert = "INSERT INTO users (id, email, password_hash) VALUES (UUID(), ?, '$')"
        try accounts.add("eva@x")
        for text in ["EVA@x", "eva@x ", "e va@x", "eva@x\n"] {
            let error = #expect(throws: DatabaseError.self) { try accounts.pool.execute(insert, [.text(text)]) }
            #expect(error?.code == 4025)
        }
        #expect(try accounts.pool.rows("SELECT 1 FROM users WHERE email = ?", [.text("eva@x ")]) == [])
        try accounts.pool.execute(insert, [.text("éva@x")])
    }

    @Test("replaces a hash only while the old one stands, and tokens stay good")
    func replaceHash() throws {
        let id = try accounts.add("anna@x", hash: "$2b$10$old")
        #expect(try users.replaceHash(of: id, old: "$2b$10$old", new: "$2b$12$new"))
        #expect(try !users.replaceHash(of: id, old: "$2b$10$old", new: "$2b$12$newer"))
        #expect(try !users.replaceHash(of: accounts.id(), old: "$2b$10$old", new: "$2b$12$newer"))
        #expect(try credentials("anna@x")?.passwordHash == "$2b$12$new")
        #expect(try users.find(id: id)?.tokenVersion == 1)
    }

    @Test("compares the old hash byte by byte")
    func replaceHashExactly() throws {
        let id = try accounts.add("anna@x", hash: "$2b$10$oLd")
        #expect(try !users.replaceHash(of: id, old: "$2b$10$old", new: "$2b$12$new"))
    }

    @Test("a new password ends all tokens")
    func setPassword() throws {
        let id = try accounts.add("anna@x")
        try users.setPassword(of: id, hash: "$2b$12$second")
        #expect(try users.find(id: id)?.tokenVersion == 2)
        #expect(try credentials("anna@x")?.passwordHash == "$2b$12$second")
        #expect(throws: AccountsError.notFound) { try users.setPassword(of: accounts.id(), hash: "$2b$12$x") }
    }

    @Test("who is disabled loses the tokens, also after being enabled again")
    func setActive() throws {
        let id = try accounts.add("anna@x")
        try users.setActive(false, of: id)
        #expect(try users.find(id: id)?.isActive == false)
        #expect(try users.find(id: id)?.tokenVersion == 2)
        #expect(try credentials("anna@x")?.user.isActive == false)
        try users.setActive(true, of: id)
        #expect(try users.find(id: id)?.isActive == true)
        #expect(try users.find(id: id)?.tokenVersion == 2)
        // Again the same: found, though nothing changes.
        try users.setActive(true, of: id)
        #expect(throws: AccountsError.notFound) { try users.setActive(false, of: accounts.id()) }
    }

    @Test("lists by e-mail, in part, and page by page")
    func list() throws {
        for (email, name) in [("b@x", "Bo"), ("a@x", "Änne"), ("c_d@x", "100% Carl"), ("cad@x", "Cat")] {
            try accounts.add(email, name: name)
        }
        let bo = try #require(try users.find(email: EmailAddress("b@x")))
        try users.setActive(false, of: bo.id)
        func emails(_ filter: UserFilter) throws -> [String] { try users.list(filter).map(\.email.text) }
        #expect(try emails(UserFilter()) == ["a@x", "b@x", "c_d@x", "cad@x"])
        #expect(try emails(UserFilter(isActive: false)) == ["b@x"])
        #expect(try emails(UserFilter(isActive: true)) == ["a@x", "c_d@x", "cad@x"])
        #expect(try emails(UserFilter(text: "änne")) == ["a@x"])
        #expect(try emails(UserFilter(text: "C_D")) == ["c_d@x"])
        #expect(try emails(UserFilter(text: "0%")) == ["c_d@x"])
        #expect(try emails(UserFilter(text: "!")) == [])
        #expect(try emails(UserFilter(limit: 2)) == ["a@x", "b@x"])
        #expect(try emails(UserFilter(limit: 2, after: EmailAddress("b@x"))) == ["c_d@x", "cad@x"])
    }

    @Test("refuses what was never hashed, and words that are no scopes")
    func invalid() throws {
        func add(hash: String = "$2b$", name: String = "", scopes: [String] = []) throws {
            try users.add(
                NewUser(id: accounts.id(), email: EmailAddress("a@x"), name: name, passwordHash: hash, scopes: scopes))
        }
        for hash in ["", "open sesame", "$2b$ with space", "$" + String(repeating: "x", count: 255), "$\0"] {
            #expect(throws: AccountsError.self) { try add(hash: hash) }
        }
        for scopes in [[""], ["two words"], ["quote\""], ["é"], [String(repeating: "x", count: 1001)]] {
            #expect(throws: AccountsError.self) { try add(scopes: scopes) }
        }
        #expect(throws: AccountsError.self) { try add(name: "a\nb") }
        #expect(throws: AccountsError.self) { try add(name: String(repeating: "n", count: 201)) }
        #expect(try users.list() == [])
    }

    @Test("never shows a hash")
    func hashStaysHidden() throws {
        try accounts.add("anna@x", hash: "$2b$12$secret")
        let credentials = try #require(try credentials("anna@x"))
        var dumped = "\(credentials)"
        dump(credentials, to: &dumped)
        #expect(!dumped.contains("secret"))
    }

    @Test("tells the addresses of many by their ids, in one question for each thousand")
    func names() throws {
        let alone = try TestAccounts(connections: 1)
        let ids = try (0..<40).map { try alone.add("user\($0)@x") }
        #expect(try alone.users.names(of: []) == [:])
        let wanted = [ids[7], ids[3], alone.id(), ids[7]]
        #expect(
            try alone.users.names(of: wanted) == [ids[7]: EmailAddress("user7@x"), ids[3]: EmailAddress("user3@x")])
        _ = try alone.counters()
        let before = try alone.counter("Com_stmt_execute")
        let strangers = (0..<1460).map { _ in alone.id() }
        #expect(try Set(alone.users.names(of: strangers + ids).keys) == Set(ids))
        #expect(try alone.counter("Com_stmt_execute") == before + 3)
    }

    @Test("looks up by the index")
    func index() throws {
        for number in 1...200 { try accounts.add("user\(number)@x") }
        let id = try accounts.add("anna@x")
        for (condition, value) in [("id = ?", id.description), ("email = ?", "anna@x")] {
            try accounts.pool.execute("FLUSH STATUS")
            let connection = try Connection(accounts.settings)
            _ = try connection.execute("SELECT name FROM users WHERE \(condition)", [.text(value)])
            let read = try connection.execute("SHOW SESSION STATUS LIKE 'Handler_read_rnd_next'").rows
            #expect(try #require(read.first).text(1) == "0")
        }
    }

    @Test("is unavailable, and no more than that, without a server or a schema")
    func unavailable() throws {
        let events = Mutex<[DatabaseEvent]>([])
        let nowhere = AccountsDatabase(DatabasePlace(socket: "/tmp/no-such-socket", name: "x", user: "x")) { event in
            events.withLock { $0.append(event) }
        }
        for _ in 1...2 {
            let error = try #require(throws: AccountsError.self) { try nowhere.users.find(id: accounts.id()) }
            #expect(error.isUnavailable && error.databaseCode == 2002)
        }
        #expect(nowhere.isAway)
        #expect(events.withLock { $0.count } == 1)
        guard case .away(code: 2002, _, _) = events.withLock({ $0.first }) else {
            Issue.record("no event of the breaker")
            return
        }
        let empty = try TestAccounts(migrated: false)
        let error = try #require(throws: AccountsError.self) { try empty.users.find(id: accounts.id()) }
        #expect(error.isUnavailable && "\(error)".contains("postern database migrate"))
    }
}

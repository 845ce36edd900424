import Accounts
import Database
import TestDatabase
import Testing

@Suite("Service tokens")
struct ServiceTokenStoreTests {
    let accounts: TestAccounts
    let anna: UserID
    var tokens: ServiceTokenStore { accounts.serviceTokens }

    init() throws {
        accounts = try TestAccounts()
        anna = try accounts.add("anna@x")
    }

    func now() throws -> Int64 { try accounts.pool.rows("SELECT UNIX_TIMESTAMP()")[0].integer(0) }

    /// Stores one; its id, and the hash by which it is found.
    func issue(
        _ user: UserID? = nil, scopes: [String] = ["backup"], note: String = "", madeBy: String = "root",
        expiresAt: Int64? = nil
    ) throws -> (id: UInt64, hash: [UInt8]) {
        let hash = try #require(ServiceTokenText.hash(try ServiceTokenText.make()))
        let token = NewServiceToken(
            of: user ?? anna, hash: hash, scopes: scopes, note: note, madeBy: madeBy, expiresAt: expiresAt)
        return (try tokens.add(token), hash)
    }

    @Test("are found by their hash, with their user, in one question")
    func found() throws {
        let now = try now()
        let issued = try issue(scopes: ["backup", "read:all"], note: "Größe 🦊", madeBy: "kim", expiresAt: now + 3600)
        let (token, user) = try #require(try tokens.find(hash: issued.hash))
        #expect(user == (try accounts.users.find(id: anna)))
        #expect(token.id == issued.id && token.userID == anna)
        #expect(token.scopes == ["backup", "read:all"] && token.note == "Größe 🦊" && token.madeBy == "kim")
        #expect((now...now + 60).contains(token.createdAt) && token.expiresAt == now + 3600)
        #expect(token.revokedAt == nil && token.lastUsedAt == nil && token.lastUsedAddress == "")
        #expect(try tokens.find(id: issued.id) == token)
        #expect(try tokens.list() == [token])

        let alone = try TestAccounts(connections: 1)
        _ = try alone.counters()
        let before = try alone.counter("Com_stmt_execute")
        #expect(try alone.serviceTokens.find(hash: issued.hash) == nil)
        #expect(try alone.counter("Com_stmt_execute") == before + 2)
    }

    @Test("are nothing but what was issued: another hash, number or user finds none")
    func nothing() throws {
        let issued = try issue()
        for hash in [[UInt8](repeating: 0, count: 32), [], issued.hash.dropLast() + [issued.hash[31] ^ 1]] {
            #expect(try tokens.find(hash: hash) == nil)
        }
        for id in [0, issued.id + 1, UInt64(Int64.max) + 1, .max] {
            #expect(try tokens.find(id: id) == nil)
            #expect(try !tokens.revoke(id: id))
            #expect(try !tokens.noteUse(id: id, address: "", at: try now()))
        }
        #expect(try tokens.list(user: accounts.id()) == [])
        #expect(throws: AccountsError.notFound) { try issue(accounts.id()) }
    }

    @Test("are revoked once and for good, and still found, as revoked")
    func revoked() throws {
        let now = try now()
        let issued = try issue(expiresAt: now - 1)
        let other = try issue()
        #expect(try tokens.revoke(id: issued.id))
        let token = try #require(try tokens.find(hash: issued.hash)).0
        #expect((now...now + 60).contains(try #require(token.revokedAt)))
        #expect(token.state(at: now) == .revoked)
        #expect(try !tokens.revoke(id: issued.id))
        #expect(try tokens.find(id: issued.id) == token)
        #expect(try tokens.find(hash: other.hash)?.0.state(at: now) == .active)
    }

    @Test("end by themselves, or never")
    func ends() throws {
        let now = try now()
        let bo = try accounts.add("bo@x")
        let ended = try issue(expiresAt: now - 1)
        let lasting = try issue(expiresAt: now + 3600)
        let endless = try issue(bo)
        let revoked = try issue(bo)
        #expect(try tokens.revoke(id: revoked.id))
        #expect(try tokens.list().map(\.id) == [lasting.id, endless.id])
        #expect(try tokens.list(user: bo).map(\.id) == [endless.id])
        #expect(try tokens.activeCount() == 2)
        let all = try tokens.list(includeEnded: true)
        #expect(all.map(\.id) == [ended.id, lasting.id, endless.id, revoked.id])
        #expect(all.map { $0.state(at: now) } == [.expired, .active, .active, .revoked])
        #expect(all[1].state(at: now + 3599) == .active && all[1].state(at: now + 3600) == .expired)
        #expect(try tokens.list(user: anna, includeEnded: true).map(\.id) == [ended.id, lasting.id])
    }

    @Test("tell of their last use, to the minute, from one process or from many")
    func used() throws {
        let issued = try issue()
        let first: Int64 = 1_795_370_400
        func last() throws -> ServiceToken? { try tokens.find(id: issued.id) }
        #expect(try tokens.noteUse(id: issued.id, address: "203.0.113.7", at: first))
        for later in [0, 1, 59] as [Int64] {
            #expect(try !tokens.noteUse(id: issued.id, address: "2001:db8::7", at: first + later))
        }
        // A clock that was set back.
        #expect(try !tokens.noteUse(id: issued.id, address: "2001:db8::7", at: first - 3600))
        #expect(try last()?.lastUsedAt == first && last()?.lastUsedAddress == "203.0.113.7")
        #expect(try tokens.noteUse(id: issued.id, address: "2001:db8::7", at: first + 60))
        #expect(try last()?.lastUsedAt == first + 60 && last()?.lastUsedAddress == "2001:db8::7")
    }

    @Test("go with their user, and stay where the user is disabled or has a new password")
    func users() throws {
        let issued = try issue()
        try accounts.users.setPassword(of: anna, hash: "$2b$12$new")
        try accounts.users.setActive(false, of: anna)
        let found = try #require(try tokens.find(hash: issued.hash))
        #expect(!found.1.isActive && found.1.tokenVersion == 3 && found.0.revokedAt == nil)
        try accounts.pool.execute("DELETE FROM users WHERE id = ?", [.text("\(anna)")])
        #expect(try tokens.find(hash: issued.hash) == nil)
        #expect(try accounts.count("service_tokens") == 0)
    }

    @Test("tell what cannot be stored")
    func invalid() throws {
        for scopes in [[""], ["two words"], ["a,b"], ["é"], ["a\"b"], [String(repeating: "x", count: 1001)]] {
            #expect(throws: AccountsError.self) { try issue(scopes: scopes) }
        }
        for note in ["two\nlines", "\u{1b}[31m", String(repeating: "n", count: 201)] {
            #expect(throws: AccountsError.self) { try issue(note: note) }
        }
        #expect(throws: AccountsError.self) { try issue(madeBy: String(repeating: "n", count: 65)) }
        for end in [Int64.min, -1, 0, 2_147_483_648, Int64.max] {
            #expect(throws: AccountsError.self) { try issue(expiresAt: end) }
        }
        #expect(try tokens.list(includeEnded: true) == [])
        _ = try issue(scopes: [], note: String(repeating: "é", count: 200), expiresAt: 2_147_483_647)
        #expect(try tokens.list().map(\.scopes) == [[]])
    }

    @Test("leave no trace of their text in the database")
    func hashOnly() throws {
        let text = try ServiceTokenText.make()
        let hash = try #require(ServiceTokenText.hash(text))
        _ = try tokens.add(NewServiceToken(of: anna, hash: hash, scopes: [], madeBy: "root"))
        #expect(try accounts.pool.rows("SELECT token_hash FROM service_tokens") == [Row([.bytes(hash)])])
        // What sha256sum says of it, also for who looks with SQL.
        let row = try accounts.pool.rows(
            "SELECT id FROM service_tokens WHERE token_hash = UNHEX(SHA2(?, 256))", [.text(text)])
        #expect(row.count == 1)
    }

    @Test("are looked up by the index")
    func index() throws {
        for _ in 1...50 { _ = try issue() }
        let issued = try issue()
        let connection = try Connection(accounts.settings)
        let sql = "SELECT users.id FROM service_tokens JOIN users ON users.id = user_id WHERE token_hash = ?"
        #expect(try connection.execute(sql, [.bytes(issued.hash)]).rows.count == 1)
        let read = try connection.execute("SHOW SESSION STATUS LIKE 'Handler_read_rnd_next'").rows
        #expect(try #require(read.first).text(1) == "0")
    }
}

@Suite("The text of a service token")
struct ServiceTokenTextTests {
    @Test("is postern_ and 43 characters, never the same twice, and fits a header as it is")
    func made() throws {
        let texts = try (0..<200).map { _ in try ServiceTokenText.make() }
        #expect(Set(texts).count == 200)
        for text in texts {
            #expect(text.wholeMatch(of: /postern_[A-Za-z0-9_-]{43}/) != nil)
            #expect(ServiceTokenText.isOne(text) && ServiceTokenText.hash(text)?.count == 32)
        }
        // Every character of the alphabet comes up: 8,600 draws of 64.
        #expect(Set(texts.joined().utf8).count == 64)
    }

    @Test("has the hash that sha256sum prints")
    func hash() {
        let text = "postern_" + String(repeating: "A", count: 43)
        let hex = ServiceTokenText.hash(text)?.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == "2ba337fc946eeb14f21cceac590dc3e88e318c7505db7e36a10b4b1d07d8758f")
    }

    @Test("and nothing else has one")
    func others() throws {
        let text = try ServiceTokenText.make()
        let shorter = String(text.dropLast())
        let rest = String(text.dropFirst(8))
        let others = [
            "", "postern_", "eyJ.e30.x", shorter, "\(text)A", " \(text)", "\(text)\n", "Postern_\(rest)", rest,
            "\(shorter)=", "\(shorter)+", "\(shorter)/", "\(text.dropLast(2))é",
        ]
        for other in others { #expect(ServiceTokenText.hash(other) == nil) }
        #expect(ServiceTokenText.isOne("postern_x") && !ServiceTokenText.isOne("eyJ.e30.x"))
    }
}

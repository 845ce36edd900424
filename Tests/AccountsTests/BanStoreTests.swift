import Accounts
import Database
import TestDatabase
import Testing

@Suite("Bans made by hand")
struct BanStoreTests {
    let accounts: TestAccounts
    let anna: UserID
    var bans: BanStore { accounts.bans }

    init() throws {
        accounts = try TestAccounts()
        anna = try accounts.add("anna@x")
    }

    func now() throws -> Int64 { try accounts.pool.rows("SELECT UNIX_TIMESTAMP()")[0].integer(0) }

    @Test("of an address, of a network and of a user come back as they were made, in that order")
    func added() throws {
        let now = try now()
        let subjects: [BanSubject] = [
            .network("203.0.113.7"), .network("10.0.0.0/8"), .user(anna), .network("2001:db8::/32"),
            .network("2001:db8:1111:2222:3333:4444:5555:6666/128"), .network("::1"), .network("0.0.0.0/0"),
        ]
        let made = try subjects.map { try bans.add(NewBan($0, note: "Größe 🦊", madeBy: "root", until: now + 3600)) }
        #expect(made.map(\.subject) == subjects)
        #expect(made.map(\.id) == made.map(\.id).sorted())
        for ban in made {
            #expect(ban.note == "Größe 🦊" && ban.madeBy == "root" && ban.until == now + 3600)
            #expect((now...now + 60).contains(ban.createdAt))
        }
        #expect(try bans.list() == made)
        #expect(try bans.active() == made)
    }

    @Test("end by themselves, or never")
    func ends() throws {
        let now = try now()
        let ended = try bans.add(NewBan(.network("10.0.0.1"), madeBy: "root", until: now - 1))
        let lasting = try bans.add(NewBan(.network("10.0.0.2"), madeBy: "root", until: now + 3600))
        let endless = try bans.add(NewBan(.user(anna), madeBy: "root"))
        #expect(endless.until == nil)
        #expect(try bans.active() == [lasting, endless])
        #expect(try bans.list() == [lasting, endless])
        #expect(try bans.list(includeEnded: true) == [ended, lasting, endless])
        #expect([ended, lasting, endless].map { $0.isOver(at: now) } == [true, false, false])
        #expect(lasting.isOver(at: now + 3600) && !lasting.isOver(at: now + 3599))
    }

    @Test("are removed by their number, once")
    func removeByID() throws {
        let ban = try bans.add(NewBan(.user(anna), madeBy: "root"))
        let other = try bans.add(NewBan(.network("10.0.0.0/8"), madeBy: "root"))
        #expect(try bans.remove(id: ban.id))
        #expect(try !bans.remove(id: ban.id))
        for id in [0, UInt64.max, UInt64(Int64.max) + 1] { #expect(try !bans.remove(id: id)) }
        #expect(try bans.list() == [other])
    }

    @Test("are removed by whom they are of: all of it, ended or not, and of nothing near it")
    func removeBySubject() throws {
        let bo = try accounts.add("bo@x")
        let now = try now()
        for until in [nil, now - 1, now + 1] {
            for subject in [BanSubject.network("10.0.0.0/8"), .user(anna)] {
                try bans.add(NewBan(subject, madeBy: "root", until: until))
            }
        }
        let kept = try [BanSubject.network("10.0.0.0/9"), .network("10.0.0.0"), .user(bo)].map {
            try bans.add(NewBan($0, madeBy: "root"))
        }
        #expect(try bans.remove(subject: .network("10.0.0.0/8")) == 3)
        #expect(try bans.remove(subject: .network("10.0.0.0/8")) == 0)
        #expect(try bans.remove(subject: .user(anna)) == 3)
        #expect(try bans.remove(subject: .network("' OR 1=1 -- ")) == 0)
        #expect(try bans.list(includeEnded: true) == kept)
    }

    @Test("are kept for 90 days after their end, and then go, a batch at a time; those that hold stay")
    func purge() throws {
        let now = try now()
        let day: Int64 = 86_400
        func add(_ until: Int64?) throws -> Ban {
            try bans.add(NewBan(.network("10.0.0.1"), madeBy: "root", until: until))
        }
        let old = try [now - 91 * day, now - 90 * day - 60, now - 400 * day].map { try add($0) }
        let kept = try [now - 90 * day + 600, now - 1, now + day, nil].map { try add($0) }
        #expect(try bans.purge(batch: 2) == 2)
        #expect(try bans.purge(batch: 2) == 1)
        #expect(try bans.purge() == 0)
        #expect(try bans.list(includeEnded: true) == kept)
        #expect(try !bans.remove(id: old[0].id))
    }

    @Test("of a user go with the user, and need one")
    func deletedUser() throws {
        try bans.add(NewBan(.user(anna), madeBy: "root"))
        let kept = try bans.add(NewBan(.network("10.0.0.1"), madeBy: "root"))
        try accounts.pool.execute("DELETE FROM users WHERE id = ?", [.text("\(anna)")])
        #expect(try bans.list(includeEnded: true) == [kept])
        #expect(throws: AccountsError.notFound) { try bans.add(NewBan(.user(anna), madeBy: "root")) }
    }

    @Test(
        "are of nothing but an address or a network in lower case",
        arguments: [
            "", "nonsense", "10.0.0", "10.0.0.0/", "10.0.0.0/a", "10.0.0.0/8/9", "10.0.0.0/8 ", " 10.0.0.1",
            "10.0.0.1\n",
            "2001:DB8::/32", "fe80::1%eth0", "203.0.113.7:443", "[::1]", "/8", "10.0.0.1é", "10.0.0.1'",
            "2001:db8:1111:2222:3333:4444:5555:6666/128/128/128",
        ])
    func networks(text: String) throws {
        let error = try #require(throws: AccountsError.self) {
            try bans.add(NewBan(.network(text), madeBy: "root"))
        }
        guard case .invalid(field: "network", let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(text.isEmpty || !reason.contains(text))
        #expect(try bans.list(includeEnded: true) == [])
    }

    @Test("tell what else cannot be stored")
    func invalid() throws {
        func add(note: String = "", madeBy: String = "root", until: Int64? = nil) throws {
            try bans.add(NewBan(.network("10.0.0.1"), note: note, madeBy: madeBy, until: until))
        }
        for note in ["two\nlines", "\u{1b}[31m", String(repeating: "n", count: 201)] {
            #expect(throws: AccountsError.self) { try add(note: note) }
        }
        #expect(throws: AccountsError.self) { try add(madeBy: String(repeating: "n", count: 65)) }
        for until in [Int64.min, -1, 0, 2_147_483_648, Int64.max] {
            #expect(throws: AccountsError.self) { try add(until: until) }
        }
        #expect(try bans.list(includeEnded: true) == [])
        try add(note: String(repeating: "é", count: 200), until: 2_147_483_647)
        #expect(try bans.list().map(\.until) == [2_147_483_647])
    }

    @Test("written by hand are of a network or of a user, not of both and not of nobody")
    func byHand() throws {
        for values in ["NULL, NULL", "'10.0.0.1', '\(anna)'", "'10.0.0.1 ', NULL"] {
            let error = #expect(throws: DatabaseError.self) {
                try accounts.pool.execute("INSERT INTO bans (network, user_id) VALUES (\(values))")
            }
            #expect(error?.code == 4025)
        }
        try accounts.pool.execute("INSERT INTO bans (network) VALUES ('10.0.0.1')")
        let ban = try #require(try bans.active().first)
        #expect(ban.subject == .network("10.0.0.1") && ban.note == "" && ban.madeBy == "" && ban.until == nil)
    }
}

import HTTP
import RateWindows
import System
import TestKit
import Testing

@testable import Accounts
@testable import Service

@Suite("The budgets of failed logins")
struct GuessBudgetTests {
    @Test("1,000 guesses at once on one user from 50 addresses: 20 reach the hash, all get one answer")
    func manyAddresses() async throws {
        let guesses = try Guesses()
        let responses = await guesses.sendAll(
            (0..<1000).map { .login(Guesses.email, "wrong \($0)", from: "198.51.100.\($0 % 50)") })
        #expect(guesses.hashed == 20)
        #expect(Set(responses.map(\.withoutRateLimit)).count == 1)
        #expect(responses.first?.status == .unauthorized)
    }

    @Test("The same with pauses: no more than 20")
    func manyAddressesWithPauses() async throws {
        let guesses = try Guesses { $0.login.pauses = [2, 4, 8, 15] }
        _ = await guesses.sendAll(
            (0..<1000).map { .login(Guesses.email, "wrong \($0)", from: "198.51.100.\($0 % 50)") })
        #expect((1...20).contains(guesses.hashed))
    }

    @Test("1,000 guesses at once from one address: no more than its network's budget reach the hash")
    func oneAddress() async throws {
        let guesses = try Guesses { $0.login.perUserElsewhere = RateLimit("100000/hour", per: .user) }
        _ = await guesses.sendAll((0..<1000).map { .login(Guesses.email, "wrong \($0)") })
        #expect(guesses.hashed == 50)
    }

    @Test("1,000 guesses at once from one address: limits.login lets its number through, the others are told 429")
    func limit() async throws {
        let guesses = try Guesses { $0.limits.login = RateLimit("20/minute", per: .address) }
        let responses = await guesses.sendAll((0..<1000).map { .login(Guesses.email, "wrong \($0)") })
        #expect(guesses.hashed == 20)
        #expect(responses.count { $0.status == .tooManyRequests } == 980)
    }

    @Test("The owner gets in from a known network while strangers guess, and from a new one only when they have not")
    func owner() async throws {
        let guesses = try Guesses()
        let home = "203.0.113.7"
        try guesses.users.database.networks.noteLogin(user: guesses.anna, network: home)
        for number in 0..<30 { await guesses.send("wrong \(number)", from: "198.51.100.\(number)") }
        #expect(guesses.hashed == 20)
        for _ in 0..<3 { #expect(await guesses.send(TestUsers.password, from: home).status == .ok) }
        #expect(await guesses.send(TestUsers.password, from: "203.0.113.8").status == .unauthorized)
        #expect(guesses.blocked.last == "user_budget")
        // An hour after the last guess.
        #expect(await guesses.send(TestUsers.password, from: "203.0.113.8", at: 3600).status == .ok)
    }

    @Test("From the known network there is a budget of its own")
    func knownNetwork() async throws {
        let guesses = try Guesses()
        let home = "203.0.113.7"
        try guesses.users.database.networks.noteLogin(user: guesses.anna, network: home)
        for number in 0..<12 { await guesses.send("wrong \(number)", from: home) }
        #expect(guesses.hashed == 10)
        // Strangers have theirs.
        await guesses.send("wrong", from: "198.51.100.1")
        #expect(guesses.hashed == 11)
        #expect(guesses.left.last == "19")
    }

    @Test("257 bogus names lock nobody out but their own network")
    func bogusNames() async throws {
        let guesses = try Guesses()
        for number in 0..<257 { await guesses.send("wrong", for: "bogus\(number)@example.org", from: "198.51.100.1") }
        #expect(guesses.hashed == 50)
        _ = await guesses.sendAll(
            (0..<257).map { .login("more\($0)@example.org", "wrong", from: "198.51.\(101 + $0 / 256).\($0 % 256)") })
        #expect(guesses.hashed == 307)
        #expect(await guesses.send(TestUsers.password).status == .ok)
        #expect(await guesses.send(TestUsers.password, from: "198.51.100.1").status == .unauthorized)
    }

    @Test("Unknown e-mails spend the network's budget alone")
    func unknownEmail() async throws {
        // Few guesses: of a password 20 bits are kept, so of sixty at one e-mail two may be the same one day.
        let guesses = try Guesses { $0.login.perUserElsewhere = RateLimit("4/hour", per: .user) }
        for number in 0..<12 {
            await guesses.send("wrong \(number)", for: "nobody@example.org", from: "198.51.100.\(number % 3)")
        }
        #expect(guesses.hashed == 12 && guesses.blocked.isEmpty, "\(guesses.blocked)")
        #expect(try guesses.networkPlaces("198.51.100.0") == 46)
    }

    @Test("Two spellings of one e-mail share one budget")
    func spellings() async throws {
        let guesses = try Guesses { $0.login.perUserElsewhere = RateLimit("4/hour", per: .user) }
        // ASCII letters are lower case in the stored form; the accent is composed.
        try guesses.users.add(2, "jos\u{e9}@example.org")
        for number in 0..<3 {
            await guesses.send("wrong \(number)", for: "jos\u{e9}@example.org", from: "198.51.100.1")
            await guesses.send("other \(number)", for: "jose\u{301}@EXAMPLE.org", from: "198.51.100.2")
        }
        #expect(guesses.hashed == 4)
        #expect(guesses.left == ["3", "2", "1", "0"])
    }

    @Test("An inactive user's passwords count like wrong ones")
    func inactive() async throws {
        let guesses = try Guesses { $0.login.perUserElsewhere = RateLimit("2/hour", per: .user) }
        try guesses.users.database.users.setActive(false, of: guesses.anna)
        for number in 0..<4 { await guesses.send("wrong \(number)") }
        #expect(guesses.hashed == 2)
        #expect(guesses.worker.lines.values(of: "reason", in: "login.failed") == ["inactive_user", "inactive_user"])
    }

    @Test("A good login gives all places back, also where there is one")
    func success() async throws {
        let guesses = try Guesses {
            $0.login.perNetwork = RateLimit("1/hour; 2/day", per: .address)
            $0.login.perUserElsewhere = RateLimit("1/hour", per: .user)
            $0.login.perUserAndNetwork = RateLimit("1/hour", per: .user)
        }
        for _ in 0..<3 { #expect(await guesses.send(TestUsers.password).status == .ok) }
        #expect(try guesses.networkPlaces() == 1)
    }

    @Test("A good login does not give back what others of its network have spent")
    func successOfOne() async throws {
        let guesses = try Guesses()
        for number in 0..<3 { await guesses.send("wrong \(number)", for: "nobody@example.org") }
        #expect(await guesses.send(TestUsers.password).status == .ok)
        #expect(try guesses.networkPlaces() == 47)
    }

    @Test("A guess is charged before its hash, and given back when no password was looked at")
    func busy() async throws {
        let guesses = try Guesses()
        let flag = guesses.holdHashes()
        let answer = guesses.begin("wrong")
        #expect(waitUntil { guesses.worker.resources.hashes.load == (1, 1) })
        #expect(try guesses.networkPlaces() == 49)
        flag.set()
        #expect(waitUntil { answer.status == .unauthorized })
        #expect(try guesses.networkPlaces() == 49)

        guesses.worker.resources.hashes.stop()
        let response = await guesses.send("another")
        #expect(response.status == .serviceUnavailable)
        #expect(response.header(.retryAfter) == "2")
        #expect(try guesses.networkPlaces() == 49)
        #expect(guesses.worker.resources.loginCounts.totals.busy == 1)
    }

    @Test("All workers and both doors share one set of budgets, also what another worker is just hashing")
    func shared() async throws {
        let guesses = try Guesses { $0.login.perUserElsewhere = RateLimit("4/hour", per: .user) }
        let other = try TestWorker(database: guesses.users.place) {
            $0.service.ratesFile = guesses.worker.settings.service.ratesFile
            $0.service.ratesCapacity = guesses.worker.settings.service.ratesCapacity
            $0.login = guesses.worker.settings.login
        }
        let flag = guesses.holdHashes()
        let begun = guesses.begin("wrong")
        #expect(waitUntil { guesses.worker.resources.hashes.load == (1, 1) })
        for number in 0..<6 {
            await other.send(.token(Guesses.email, "wrong \(number)"), at: guesses.moment(0))
        }
        #expect(other.lines.of("hash.done").count == 3)
        #expect(other.lines.values(of: "door", in: "login.failed") == ["token", "token", "token"])
        flag.set()
        #expect(waitUntil { begun.status == .unauthorized })
    }

    @Test("IPv6 counts by /64, and by /48 eight times as high")
    func wide() async throws {
        let guesses = try Guesses { $0.login.perNetwork = RateLimit("2/hour", per: .address) }
        for number in 0..<4 {
            await guesses.send("wrong \(number)", for: "nobody@example.org", from: "2001:db8:0:1::\(number)")
        }
        #expect(guesses.hashed == 2)
        for network in 2..<20 {
            await guesses.send("wrong \(network)", for: "nobody@example.org", from: "2001:db8:0:\(network)::1")
        }
        #expect(guesses.hashed == 16)
        await guesses.send("wrong", for: "nobody@example.org", from: "2001:db8:1:1::1")
        #expect(guesses.hashed == 17)
    }

    @Test("An exempt network is not counted; its users are not either")
    func exempt() async throws {
        let guesses = try Guesses {
            $0.login.exempt = [Network("192.0.2.0/24")].compactMap { $0 }
            $0.login.pauses = [2]
        }
        for number in 0..<60 { await guesses.send("wrong \(number)") }
        #expect(guesses.hashed == 60)
        #expect(guesses.left.isEmpty)
        #expect(await guesses.send(TestUsers.password, from: "198.51.100.1").status == .ok)
    }

    @Test(
        "A spent budget of a user costs the network what an unknown e-mail costs it: neither can be told from the other"
    )
    func equalCost() async throws {
        let guesses = try Guesses { $0.login.perUserElsewhere = RateLimit("2/hour", per: .user) }
        for number in 0..<2 { await guesses.send("wrong \(number)", from: "198.51.100.1") }
        let (known, unknown) = ("198.51.100.2", "198.51.100.3")
        for password in ["a", "b", "a", "c", "c", "c"] {
            await guesses.send(password, from: known)
            await guesses.send(password, for: "nobody@example.org", from: unknown)
        }
        #expect(try guesses.networkPlaces(known) == 47)
        #expect(try guesses.networkPlaces(unknown) == 47)
        for number in 0..<60 {
            await guesses.send("more \(number)", from: known)
            await guesses.send("more \(number)", for: "nobody@example.org", from: unknown)
        }
        #expect(try guesses.networkPlaces(known) == 0)
        #expect(try guesses.networkPlaces(unknown) == 0)
        #expect(guesses.worker.lines.values(of: "net", in: "ban.start").sorted() == [known, unknown])
    }
}

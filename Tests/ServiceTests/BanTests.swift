import HTTP
import RateWindows
import System
import TestKit
import Testing

@testable import Accounts
@testable import Service

@Suite("Bans of networks and users")
struct BanTests {
    @Test("The failure that takes a network's last place begins its ban, told once")
    func byCount() async throws {
        let guesses = try Guesses {
            $0.login.perNetwork = RateLimit("3/minute", per: .address)
            $0.login.ban = 3600
        }
        for number in 0..<5 { await guesses.send("wrong \(number)", for: "nobody@example.org", at: Double(number)) }
        #expect(guesses.hashed == 3)
        #expect(guesses.blocked == ["banned", "banned"])
        #expect(
            guesses.worker.lines.of("ban.start") == [
                "notice ban.start net=192.0.2.7 for=1h reason=network_failures count=3"
            ])
        // The budget's minute is over, the ban's hour is not.
        #expect(await guesses.send(TestUsers.password, at: 3601.9).status == .unauthorized)
        #expect(guesses.blocked.last == "banned")
        #expect(await guesses.send(TestUsers.password, at: 3602).status == .ok)
        #expect(await guesses.send(TestUsers.password, from: "192.0.2.8", at: 3602).status == .ok)
    }

    @Test("An office that logs in all at once is not banned: what is being hashed is no failure")
    func inFlight() async throws {
        let guesses = try Guesses {
            $0.login.perNetwork = RateLimit("3/minute", per: .address)
            $0.login.perUserElsewhere = RateLimit("100/hour", per: .user)
            $0.login.perUserAndNetwork = RateLimit("100/hour", per: .user)
        }
        let flag = guesses.holdHashes()
        let answers = (0..<3).map { _ in guesses.begin(TestUsers.password) }
        #expect(waitUntil { guesses.worker.resources.hashes.load == (3, 1) })
        #expect(await guesses.send(TestUsers.password).status == .unauthorized)
        #expect(guesses.blocked == ["network_budget"])
        flag.set()
        #expect(waitUntil { answers.allSatisfy { $0.status == .ok } })
        #expect(guesses.worker.lines.of("ban.start").isEmpty)
        #expect(await guesses.send(TestUsers.password).status == .ok)
    }

    @Test("Where the part for marks is full of wrong passwords a ban begins all the same; what is lost is counted")
    func fullMarks() async throws {
        let guesses = try Guesses {
            $0.login.perNetwork = RateLimit("2/hour", per: .address)
            $0.service.ratesCapacity = 1024
        }
        let table = guesses.worker.resources.table
        let seen = try #require(LoginRules(guesses.worker.settings.login).guess)
        for number in 0..<1000 {
            let guess = try #require(table.guess(email: "\(number)".utf8, password: [], storedHash: []))
            table.mark(guess, under: seen, at: guesses.moment(0).boot)
        }
        let lost = table.marksLost
        #expect(lost > 0)
        for password in ["one", "two"] { await guesses.send(password) }
        #expect(guesses.worker.lines.of("ban.start").count == 1)
        #expect(table.marksLost == lost + 2)
        await guesses.send(TestUsers.password, at: 1)
        #expect(guesses.blocked == ["banned"])
    }

    @Test("Who got places back from a sysadmin is not banned again by the next wrong password")
    func cleared() async throws {
        let guesses = try Guesses { $0.login.perNetwork = RateLimit("3/hour", per: .address) }
        let (rules, table) = (LoginRules(guesses.worker.settings.login), guesses.worker.resources.table)
        for number in 0..<3 { await guesses.send("wrong \(number)", for: "nobody@example.org") }
        let key = try #require(Key(address: TestWorker.address))
        for rule in rules.perNetwork + [try #require(rules.ban)] { #expect(table.clear(key, under: rule) == 1) }
        await guesses.send("wrong 3", for: "nobody@example.org")
        #expect(await guesses.send(TestUsers.password).status == .ok)
        #expect(guesses.worker.lines.of("ban.start").count == 1)
        // Again all of them.
        for number in 4..<8 { await guesses.send("wrong \(number)", for: "nobody@example.org") }
        #expect(guesses.worker.lines.of("ban.start").count == 2)
        #expect(guesses.hashed == 7)
    }

    @Test("Without a ban in the settings the budget alone holds, and ends with its window")
    func none() async throws {
        let guesses = try Guesses {
            $0.login.perNetwork = RateLimit("3/minute", per: .address)
            $0.login.ban = 0
        }
        for number in 0..<5 { await guesses.send("wrong \(number)", for: "nobody@example.org") }
        #expect(guesses.blocked == ["network_budget", "network_budget"])
        #expect(guesses.worker.lines.of("ban.start").isEmpty)
        #expect(await guesses.send(TestUsers.password, at: 60).status == .ok)
    }

    @Test("A ban by hand on a network holds at once when the counter of changes moves, and ends at its time")
    func network() async throws {
        let guesses = try Guesses()
        #expect(await guesses.send(TestUsers.password).status == .ok)
        let bans = guesses.users.database.bans
        try bans.add(
            NewBan(.network("192.0.2.0/24"), madeBy: "root", until: guesses.moment(0).wall + 1000))
        #expect(await guesses.send(TestUsers.password, at: 1).status == .ok)
        #expect(guesses.worker.resources.table.noteUserChange())
        #expect(await guesses.send(TestUsers.password, at: 1).status == .unauthorized)
        #expect(await guesses.send(TestUsers.password, from: "198.51.100.1", at: 1).status == .ok)
        #expect(guesses.blocked == ["banned_by_hand"])
        // Nothing was looked up for it, so nobody is named.
        #expect(guesses.worker.lines.values(of: "user", in: "login.blocked").isEmpty)
        let after = Moment(boot: guesses.moment(2).boot, wall: guesses.moment(0).wall + 1000)
        #expect(await guesses.worker.send(.login(Guesses.email, TestUsers.password), at: after).status == .ok)
    }

    @Test("Without the counter a ban by hand holds within five seconds")
    func withoutCounter() async throws {
        let guesses = try Guesses()
        #expect(await guesses.send(TestUsers.password).status == .ok)
        try guesses.users.database.bans.add(NewBan(.user(guesses.anna), madeBy: "root"))
        #expect(await guesses.send(TestUsers.password, at: 4.9).status == .ok)
        #expect(await guesses.send(TestUsers.password, at: 5).status == .unauthorized)
    }

    @Test("A ban by hand on a user is one from everywhere, also from an exempt network, and until it is removed")
    func user() async throws {
        let guesses = try Guesses { $0.login.exempt = [Network("192.0.2.0/24")].compactMap { $0 } }
        try guesses.users.add(2, "bert@example.org")
        let bans = guesses.users.database.bans
        let subject = BanSubject.user(guesses.anna)
        try bans.add(NewBan(subject, madeBy: "root", until: guesses.moment(0).wall + 1000))
        try bans.add(NewBan(subject, madeBy: "root"))
        let late = Moment(boot: guesses.moment(0).boot, wall: guesses.moment(0).wall + 2000)
        for address in ["192.0.2.7", "198.51.100.1"] {
            let login = Request.login(Guesses.email, TestUsers.password, from: address)
            #expect(await guesses.worker.send(login, at: late).status == .unauthorized)
        }
        #expect(guesses.blocked == ["banned_by_hand", "banned_by_hand"])
        #expect(guesses.hashed == 0)
        #expect(await guesses.send(TestUsers.password, for: "bert@example.org").status == .ok)
        try bans.remove(subject: subject)
        #expect(guesses.worker.resources.table.noteUserChange())
        #expect(await guesses.send(TestUsers.password).status == .ok)
    }

    @Test("What is no network bans nobody and is told once")
    func unusable() async throws {
        let guesses = try Guesses()
        let ban = try guesses.users.database.bans.add(NewBan(.network("192.0.2.7/99"), madeBy: "root"))
        for seconds in [0.0, 10, 20] { #expect(await guesses.send(TestUsers.password, at: seconds).status == .ok) }
        #expect(guesses.worker.lines.values(of: "id", in: "ban.unusable") == ["\(ban.id)"])
    }

    @Test("When MariaDB refuses to be asked, the last list holds")
    func keptList() async throws {
        let guesses = try Guesses()
        try guesses.users.database.bans.add(NewBan(.network("192.0.2.7"), madeBy: "root"))
        #expect(await guesses.send(TestUsers.password).status == .unauthorized)
        _ = try guesses.users.connection().execute("ALTER TABLE bans DROP COLUMN note")
        #expect(guesses.worker.resources.table.noteUserChange())
        #expect(await guesses.send(TestUsers.password, at: 10).status == .unauthorized)
        #expect(guesses.blocked == ["banned_by_hand", "banned_by_hand"])
        #expect(guesses.worker.lines.of("database.failed").count == 1)
    }
}

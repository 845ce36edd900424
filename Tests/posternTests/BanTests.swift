import Accounts
import RateWindows
import Service
import System
import Testing

@testable import postern

@Suite("postern ban")
struct BanTests {
    private struct NobodyAsked: Error {}

    private func subject(_ word: String) throws -> BanSubject {
        try BanWord.subject(word) { _ in throw NobodyAsked() }.0
    }

    @Test(
        "An address or network is stored in its one form",
        arguments: [
            ("203.0.113.7", "203.0.113.7"), ("203.0.113.7/32", "203.0.113.7"), ("10.1.2.3/8", "10.0.0.0/8"),
            ("2001:DB8:0:0::7", "2001:db8::7"), ("2001:db8:1:2:3::/64", "2001:db8:1:2::/64"),
            ("2001:db8:ffff::1/32", "2001:db8::/32"), ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"),
        ])
    func networks(word: String, stored: String) throws {
        #expect(try subject(word) == .network(stored))
    }

    @Test("A user is looked up by id or e-mail")
    func users() {
        for word in ["anna@example.test", "7c9e6679-7425-40de-944b-e07fc1f90ae7"] {
            #expect(throws: NobodyAsked.self) { try subject(word) }
        }
    }

    @Test("What is neither is unusable", arguments: ["", "anna", "1.2.3", "10.0.0.0/33", "fe80::1%eth0", "::/129"])
    func nobody(word: String) throws {
        let failure = try #require(#expect(throws: Failure.self) { try subject(word) })
        #expect(failure.status == ExitStatus.unusable)
    }

    @Test(
        "This host's own address and half of the world take --force",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("0.0.0.0/0", true), ("::1", true), ("::/0", true),
            ("10.0.0.0/7", true), ("10.0.0.0/8", false), ("203.0.113.7", false), ("2001:db8::/32", false),
            ("2001::/31", true), ("::/96", true),
        ])
    func danger(word: String, isDangerous: Bool) throws {
        #expect((BanWord.danger(try subject(word)) != nil) == isDangerous)
    }

    @Test("A time is more than none", arguments: ["0s", "", "1", "for ever", "-1h"])
    func time(text: String) {
        #expect(throws: (any Error).self) { try BanAdd.parse(["203.0.113.7", "--for=\(text)"]) }
    }

    @Test("A ban for failed logins is shown with what is left of it")
    func automatic() throws {
        let place = try TablePlace()
        let workers = try place.workers()
        let rule = try #require(Rule(number: LimitNumbers.loginBan << 4, limit: 1, window: 3_600_000_000_000))
        let now = place.now
        let key = try #require(Key(address: "2001:db8:1:2::7"))
        #expect(workers.mark(key, under: rule, at: now.boot - 600_000_000_000))
        // Not a ban: the count that leads to one.
        workers.charge(key, place.settings.login.perNetwork, number: LimitNumbers.loginFailures, times: 3, at: now.boot)
        let bans = try AutomaticBans.all(try place.live().table, at: now.boot)
        #expect(bans.count == 1)
        let text = try #require(bans.first.flatMap { BanText(mark: $0, now: now) })
        let since = Timestamp.text(now.wall - 600)
        #expect(text.row == ["2001:db8:1:2::/64", "", "Postern", "50 min", since, "too many failed logins"])
        #expect(text.json.text.contains("\"automatic\":true"))
        #expect(text.json.text.contains("\"until\":\"\(Timestamp.text(now.wall + 3000))\""))
    }

    @Test("Removing it ends the ban and forgets the network's wrong passwords, both widths, and nobody else's")
    func remove() throws {
        let place = try TablePlace()
        let workers = try place.workers()
        let budget = place.settings.login.perNetwork
        let rule = try #require(Rule(number: LimitNumbers.loginBan << 4, limit: 1, window: 3_600_000_000_000))
        let now = place.now.boot
        let number = LimitNumbers.loginPerNetwork
        let key = try #require(Key(address: "2001:db8:1:2::7"))
        let wide = try #require(Key(network: "2001:db8:1:2::7"))
        let neighbour = try #require(Key(address: "2001:db8:1:3::7"))
        for address in [key, neighbour] {
            #expect(workers.mark(address, under: rule, at: now))
            workers.charge(address, budget, number: number, times: 50, at: now)
            workers.charge(address, budget, number: LimitNumbers.loginFailures, times: 49, at: now)
            workers.charge(address, place.settings.limits.login, number: LimitNumbers.login, times: 1, at: now)
        }
        workers.charge(key, budget, number: LimitNumbers.loginFailures, times: 50, at: now)
        workers.charge(wide, budget, number: number, times: 100, at: now, isWide: true)

        let cleared = AutomaticBans.remove(AutomaticBans.keys("2001:db8:1:2::/64"), from: workers, at: now)
        #expect(cleared.count == 4)
        let rest = try place.live().entries(at: now) { _ in true }
        #expect(rest.count { $0.key == neighbour } == 4)
        #expect(rest.filter { $0.key == key }.map { $0.number >> 4 } == [LimitNumbers.login])
        #expect(!rest.contains { $0.key == wide })
        #expect(AutomaticBans.keys("10.0.0.0/8").isEmpty)
    }

    @Test("A user gets the guesses from elsewhere back, and nothing else")
    func forgive() throws {
        let place = try TablePlace()
        let workers = try place.workers()
        let now = place.now.boot
        let user = Key.user(high: 1, low: 2)
        let login = place.settings.login
        workers.charge(
            user, login.perUserElsewhere, number: LimitNumbers.loginPerUserElsewhere, times: 20, at: now)
        workers.charge(user, place.settings.limits.api, number: LimitNumbers.api, times: 2, at: now)
        workers.charge(
            .user(high: 1, low: 3), login.perUserElsewhere, number: LimitNumbers.loginPerUserElsewhere, times: 2,
            at: now)
        #expect(AutomaticBans.forgive(user, in: workers, at: now).map(\.used) == [20])
        #expect(try place.live().entries(at: now) { _ in true }.count == 2)
    }
}

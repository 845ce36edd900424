import Accounts
import RateWindows
import Service
import System
import Testing

@testable import postern

@Suite("postern limit")
struct LimitTests {
    private static let user = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

    private static func place() throws -> TablePlace {
        try TablePlace {
            var downloads = try RateLimit(parsing: "5/hour", per: .user)
            downloads.isDryRun = true
            $0.limits.named = ["downloads": downloads]
        }
    }

    private func userKey() throws -> Key {
        let id = try #require(UserID(Self.user))
        return .user(high: id.high, low: id.low)
    }

    @Test("What a person writes becomes the keys that are counted")
    func words() throws {
        let place = try Self.place()
        let workers = try place.workers()
        let live = try place.live()
        let texts = { (word: String) in
            try CountedKeys(word, in: workers, live.names).keys.map { $0.key.text }
        }
        #expect(try texts("203.0.113.7") == ["203.0.113.7"])
        #expect(try texts("203.0.113.7/32") == ["203.0.113.7"])
        #expect(try texts("::ffff:203.0.113.7") == ["203.0.113.7"])
        #expect(try texts("2001:DB8:1:2::7") == ["2001:db8:1:2::/64", "2001:db8:1::/48"])
        #expect(try texts("2001:db8:1:2::/64") == ["2001:db8:1:2::/64"])
        #expect(try texts("2001:db8:1:2::/48") == ["2001:db8:1::/48"])
        #expect(try texts(Self.user.uppercased()) == [Self.user])
        let email = try #require(workers.email("anna@example.test".utf8))
        #expect(try texts("Anna@Example.test") == [email.text])
    }

    @Test(
        "What is no key is unusable, and the reason does not steer the terminal",
        arguments: ["", "anna", "203.0.113.0/24", "203.0.113.7/", "2001:db8::/32", "1.2.3.4/32/1", "@", "\u{1b}[2J"])
    func noWords(word: String) throws {
        let place = try Self.place()
        let workers = try place.workers()
        let names = try place.live().names
        let failure = try #require(
            #expect(throws: Failure.self) { try CountedKeys(word, in: workers, names) })
        #expect(failure.status == ExitStatus.unusable)
        #expect(!failure.text.contains("\u{1b}"))
    }

    @Test("Without MariaDB an e-mail is its fingerprint alone, and why is known")
    func noDatabase() throws {
        let place = try Self.place()
        let workers = try place.workers()
        let names = UserNames(place.settings)
        let keys = try CountedKeys("anna@example.test", in: workers, names)
        #expect(keys.keys.count == 1)
        #expect(keys.user == nil)
        #expect(try #require(names.failure).contains("no-server"))
    }

    @Test("Limits have their names, the window's number and the width; one that the settings lost has its number")
    func labels() throws {
        let place = try Self.place()
        let labels = LimitLabels(place.settings)
        #expect(labels.label(LimitNumbers.login << 4) == "login")
        #expect(labels.label(LimitNumbers.search << 4 | 1) == "search-2")
        #expect(labels.label(LimitNumbers.login << 4 | 8) == "login /48")
        #expect(labels.label(LimitNumbers.number(of: "downloads") << 4) == "downloads")
        #expect(labels.label(4711 << 4) == "limit 4711")
        #expect(try labels.number("downloads") == LimitNumbers.number(of: "downloads"))
        #expect(try labels.number("4711") == 4711)
        #expect(throws: Failure.self) { try labels.number("download") }
    }

    @Test("top shows the fullest first, and of the full ones who waits longest")
    func top() throws {
        let place = try Self.place()
        let workers = try place.workers()
        let search = place.settings.limits.search
        let full = try #require(Key(address: "203.0.113.1"))
        let later = try #require(Key(address: "203.0.113.2"))
        let half = try #require(Key(address: "203.0.113.3"))
        let (now, second) = (place.now.boot, 1_000_000_000 as UInt64)
        workers.charge(half, search, number: LimitNumbers.search, times: 3, at: now)
        workers.charge(full, search, number: LimitNumbers.search, times: 5, at: now - 2 * second)
        workers.charge(later, search, number: LimitNumbers.search, times: 5, at: now - second)
        let live = try place.live()
        let entries = LimitTop.fullest(try live.entries(at: now) { _ in true }, 10)
        #expect(entries.map { $0.key?.text } == ["203.0.113.2", "203.0.113.1", "203.0.113.3"])
        let rows = entries.map {
            EntryText(entry: $0, label: nil, user: nil, labels: live.labels, now: place.now).row
        }
        #expect(rows[0] == ["203.0.113.2", "", "search", "5 of 5 in 10s", "9 s", "9 s"])
        #expect(rows[2] == ["203.0.113.3", "", "search", "3 of 5 in 10s", "now", "10 s"])
        #expect(LimitTop.fullest(entries, 1).count == 1)
    }

    @Test("The filters are for a limit, a kind of key and what is full; marks are no counts")
    func filters() throws {
        let place = try Self.place()
        let workers = try place.workers()
        let limits = place.settings.limits
        let address = try #require(Key(address: "203.0.113.1"))
        workers.charge(address, limits.search, number: LimitNumbers.search, times: 5, at: place.now.boot)
        workers.charge(try userKey(), limits.api, number: LimitNumbers.api, times: 2, at: place.now.boot)
        let ban = try #require(Rule(number: LimitNumbers.loginBan << 4, limit: 1, window: 3_600_000_000_000))
        #expect(workers.mark(address, under: ban, at: place.now.boot))
        let live = try place.live()
        let found = { (words: [String]) in
            let filter = try LimitFilter.parse(words)
            return try live.entries(at: place.now.boot, try filter.test(live.labels)).map { $0.number >> 4 }.sorted()
        }
        #expect(try found([]) == [LimitNumbers.api, LimitNumbers.search])
        #expect(try found(["--limit", "api"]) == [LimitNumbers.api])
        #expect(try found(["--kind", "address"]) == [LimitNumbers.search])
        #expect(try found(["--blocked"]) == [LimitNumbers.search])
        #expect(try found(["--blocked", "--kind", "user"]) == [])
        #expect(throws: (any Error).self) { try LimitFilter.parse(["--kind", "planet"]) }
        #expect(throws: (any Error).self) { try LimitFilter.parse(["--top", "0"]) }
    }

    @Test("list counts keys once, also where a limit counts them twice, and shows what the settings lost")
    func list() throws {
        let place = try Self.place()
        let workers = try place.workers()
        let login = place.settings.limits.login
        let now = place.now.boot
        let key = try #require(Key(address: "2001:db8::1"))
        let wide = try #require(Key(network: "2001:db8::1"))
        workers.charge(key, login, number: LimitNumbers.login, times: 20, at: now)
        workers.charge(wide, login, number: LimitNumbers.login, times: 20, at: now, isWide: true)
        workers.charge(key, login, number: 4711, times: 1, at: now)
        workers.count(LimitNumbers.login << 4, .refused)
        workers.count(LimitNumbers.number(of: "downloads") << 4, .wouldRefuse)
        let live = try place.live()
        let lines = LimitLine.all(
            place.settings, try live.entries(at: now) { !$0.isMark }, counts: live.table.limitCounts() ?? [])
        let names = [
            "login", "api", "search", "downloads", "login.per_network", "login.per_user_and_network",
            "login.per_user_elsewhere", "limit 4711",
        ]
        #expect(lines.map(\.name) == names)
        #expect(lines[0].row == ["login", "20/minute", "address", "2", "1", "1", "0", "closed", ""])
        #expect(lines[3].row == ["downloads", "5/hour (dry run)", "user", "0", "0", "0", "1", "open", ""])
        #expect(lines[7].row == ["limit 4711", "not in the settings", "", "1", "0", "0", "0", "", ""])
    }

    @Test("clear empties just what it names, and tells what that was")
    func clear() throws {
        let place = try Self.place()
        let workers = try place.workers()
        let limits = place.settings.limits
        let now = place.now.boot
        let one = try #require(Key(address: "203.0.113.1"))
        let other = try #require(Key(address: "203.0.113.2"))
        for key in [one, other] {
            workers.charge(key, limits.search, number: LimitNumbers.search, times: 5, at: now)
            workers.charge(key, limits.login, number: LimitNumbers.login, times: 3, at: now)
        }
        let live = try place.live()
        let wanted = try live.entries(at: now) { $0.key == one && $0.number >> 4 == LimitNumbers.search }
        let cleared = LimitClear.clear(wanted, in: live.table)
        #expect(cleared.map(\.used) == [5])
        let rest = try live.entries(at: now) { _ in true }
        #expect(rest.count == 3)
        #expect(!rest.contains { $0.key == one && $0.number >> 4 == LimitNumbers.search })
    }

    @Test("clear needs a key or a limit")
    func nothing() {
        #expect(throws: (any Error).self) { try LimitClear.parse([]) }
    }
}

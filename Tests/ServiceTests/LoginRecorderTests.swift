import Synchronization
import System
import TestDatabase
import TestKit
import Testing

@testable import Accounts
@testable import Service

@Suite("What becomes of logins, in MariaDB")
struct LoginRecorderTests {
    private func recorder(
        _ database: AccountsDatabase, lines: RecordedLines = RecordedLines(), firstPurge: UInt64 = .max / 2,
        keep: (inout Settings.Login) -> Void = { _ in }, clock: @escaping @Sendable () -> Moment = { .now() }
    ) -> LoginRecorder {
        var settings = Settings.Login()
        keep(&settings)
        let log = EventLog(handler: RecordingHandler(lines: lines))
        let faults = DatabaseFaults(events: log) { database.isAway }
        return LoginRecorder(
            database, faults: faults, keep: LoginRecorder.Retention(settings), firstPurge: firstPurge, clock: clock,
            events: log)
    }

    private func event(_ number: Int, of user: UserID, age: Int64 = 0) -> LoginEvent {
        LoginEvent(
            at: WallClock.milliseconds - age * 1000, outcome: .failed, reason: "wrong_password", user: user,
            address: TestWorker.address, door: "login", trace: "\(number)")
    }

    @Test("A good login, a wrong one and a blocked one each leave a row that says which")
    func rows() async throws {
        let guesses = try Guesses()
        let before = WallClock.milliseconds
        await guesses.send(TestUsers.password)
        await guesses.send("wrong", from: "2001:db8::7")
        await guesses.send("wrong", from: "2001:db8::7")
        guesses.worker.resources.stop()
        let rows = try guesses.users.database.loginEvents.last(of: guesses.anna, limit: 10)
        #expect(rows.map(\.outcome) == [.blocked, .failed, .ok])
        #expect(rows.map(\.reason) == ["repeated_password", "wrong_password", ""])
        #expect(rows.map(\.address) == ["2001:db8::7", "2001:db8::7", TestWorker.address])
        #expect(rows.allSatisfy { $0.door == "login" && $0.trace == TestWorker.trace })
        #expect(rows.allSatisfy { (before...WallClock.milliseconds).contains($0.at) })
    }

    @Test("The network of a good login is known from then on, as a /64 where it is IPv6; of a wrong one it is not")
    func networks() async throws {
        let guesses = try Guesses()
        await guesses.send(TestUsers.password, from: "2001:db8:1:2::7")
        await guesses.send("wrong")
        guesses.worker.resources.stop()
        let email = try EmailAddress(Guesses.email)
        for (network, isKnown) in [("2001:db8:1:2::/64", true), (TestWorker.address, false)] {
            let stored = try guesses.users.database.users.credentials(email: email, network: network)
            #expect(stored?.isKnownNetwork == isKnown)
        }
    }

    @Test("What finds no room is lost and counted")
    func bounded() throws {
        let users = try TestUsers()
        let anna = try users.add(1, Guesses.email)
        let recorder = recorder(users.database)
        for number in 0..<(LoginRecorder.capacity + 6) { recorder.add(event(number, of: anna)) }
        #expect(recorder.dropped == 6)
        try recorder.start()
        recorder.stop()
        #expect(recorder.dropped == 6)
        let rows = try users.database.loginEvents.last(of: anna, limit: 5000)
        #expect(Set(rows.map(\.trace)) == Set((0..<LoginRecorder.capacity).map(String.init)))
    }

    @Test("Events wait for the end of an outage, as many as there is room for")
    func outage() throws {
        let server = try TestServer()
        let place = DatabasePlace(socket: server.socket, name: try server.makeDatabase(), user: server.user)
        try TestUsers.migrate(place)
        let database = AccountsDatabase(place)
        let id = UserID(high: 1, low: 2)
        try database.users.add(
            NewUser(id: id, email: try EmailAddress(Guesses.email), name: "Anna", passwordHash: TestUsers.hash))
        let recorder = recorder(database)
        try recorder.start()
        try server.stop()
        for number in 0..<10 { recorder.add(event(number, of: id)) }
        #expect(waitUntil { database.isAway })
        try server.start()
        #expect(waitUntil(seconds: 30) { (try? database.loginEvents.last(of: id, limit: 20))?.count == 10 })
        #expect(recorder.dropped == 0)
        recorder.stop()
    }

    @Test("Without a server the stop is not held up: what is queued is lost and counted")
    func away() throws {
        let folder = try TemporaryFolder()
        let database = AccountsDatabase(DatabasePlace(socket: folder.file("no-server"), name: "none", user: "nobody"))
        let recorder = recorder(database)
        for number in 0..<300 { recorder.add(event(number, of: UserID(high: 1, low: 2))) }
        try recorder.start()
        recorder.stop()
        #expect(recorder.dropped == 300)
    }

    @Test("What the server refuses is lost and counted, and one line says why")
    func refused() throws {
        let users = try TestUsers()
        let anna = try users.add(1, Guesses.email)
        _ = try users.connection().execute("ALTER TABLE login_events DROP COLUMN door")
        let lines = RecordedLines()
        let recorder = recorder(users.database, lines: lines)
        for number in 0..<3 { recorder.add(event(number, of: anna)) }
        try recorder.start()
        recorder.stop()
        #expect(recorder.dropped == 3)
        #expect(lines.of("database.failed").count == 1)
    }

    @Test("What is too old or too much goes, and new settings count")
    func purge() throws {
        let users = try TestUsers()
        let anna = try users.add(1, Guesses.email)
        let events = users.database.loginEvents
        try events.append((0..<20).map { event($0, of: anna, age: $0 < 8 ? 7200 : 0) })
        let recorder = recorder(users.database, firstPurge: 0) { $0.keepEvents = 86_400 }
        recorder.keep(.init(age: 3600, rows: 5))
        try recorder.start()
        #expect(waitUntil { (try? events.last(of: anna, limit: 100))?.count == 5 })
        recorder.stop()
        #expect(try events.last(of: anna, limit: 100).map(\.trace) == ["19", "18", "17", "16", "15"])
    }

    @Test("Bans that ended long ago go as well, and those that ended just now stay for whoever asks")
    func purgedBans() throws {
        let users = try TestUsers()
        let bans = users.database.bans
        let now = WallClock.milliseconds / 1000
        let made = try [now - 91 * 86_400, now - 1].map { until in
            try bans.add(NewBan(.network("10.0.0.1"), madeBy: "root", until: until))
        }
        let recorder = recorder(users.database, firstPurge: 0)
        try recorder.start()
        #expect(waitUntil { (try? bans.list(includeEnded: true)) == [made[1]] })
        recorder.stop()
    }

    @Test(
        "While the time of day was set by more than an hour, nothing goes and one line says so; once it is right, what is old",
        arguments: [365 * 86_400, -365 * 86_400, 3700] as [Int64])
    func clockWasSet(_ seconds: Int64) throws {
        let users = try TestUsers()
        let anna = try users.add(1, Guesses.email)
        let database = users.database
        let old = WallClock.milliseconds / 1000 - 91 * 86_400
        _ = try database.bans.add(NewBan(.network("10.0.0.1"), madeBy: "root", until: old))
        try database.networks.noteLogin(user: anna, network: "192.0.2.7")
        let past = "CURRENT_TIMESTAMP - INTERVAL 91 DAY"
        _ = try users.connection().execute(
            "UPDATE user_networks SET first_login_at = \(past), last_login_at = \(past)")
        try database.loginEvents.append([event(0, of: anna, age: 7200)])
        func stored() throws -> [Int] {
            let networks = try users.connection().execute("SELECT network FROM user_networks").rows.count
            return try [
                database.loginEvents.last(of: anna, limit: 9).count, database.bans.list(includeEnded: true).count,
                networks,
            ]
        }
        let lines = RecordedLines()
        let shift = Mutex<Int64>(0)
        let recorder = recorder(database, lines: lines, firstPurge: 0) {
            $0.keepEvents = 3600
        } clock: {
            let now = Moment.now()
            return Moment(boot: now.boot, wall: now.wall + shift.withLock { $0 })
        }
        shift.withLock { $0 = seconds }
        try recorder.start()
        #expect(waitUntil { lines.of("purge.held").count == 1 })
        recorder.keep(.init(age: 3600, rows: 1000))
        // Written by the thread that purges: it has looked at the clock again before the second of them.
        for number in 1...2 {
            recorder.add(event(number, of: anna))
            #expect(waitUntil { (try? stored().first) == number + 1 })
        }
        #expect(try stored() == [3, 1, 1])
        let told = try #require(lines.of("purge.held").first)
        #expect(lines.of("purge.held").count == 1 && told.contains("reason=clock_was_set by_s="))
        shift.withLock { $0 = -3000 }
        recorder.keep(.init(age: 3600, rows: 2000))
        #expect(waitUntil { (try? stored()) == [2, 0, 0] })
        recorder.stop()
    }

    @Test("New settings need not wait for the next purge; the same ones again bring none about")
    func purgeAtOnce() throws {
        let users = try TestUsers()
        let anna = try users.add(1, Guesses.email)
        let events = users.database.loginEvents
        func stored() -> Int? { try? events.last(of: anna, limit: 100).count }
        // None of its own accord: half of all time is left until the first.
        let recorder = recorder(users.database) { $0.keepEventRows = 10 }
        try recorder.start()
        try events.append((0..<20).map { event($0, of: anna) })
        recorder.keep(.init(age: Settings.Login().keepEvents, rows: 10))
        // Written by the thread that purges: a purge would have come before the second of them.
        for number in 20..<22 {
            recorder.add(event(number, of: anna))
            #expect(waitUntil { stored() == number + 1 })
        }
        for rows in [8, 3] {
            recorder.keep(.init(age: Settings.Login().keepEvents, rows: rows))
            #expect(waitUntil { stored() == rows })
        }
        recorder.stop()
        #expect(try events.last(of: anna, limit: 100).map(\.trace) == ["21", "20", "19"])
    }

    @Test("A flood of blocked guesses is told fifty times a second, in the journal and in MariaDB, and counted")
    func flood() async throws {
        let guesses = try Guesses { $0.login.perUserElsewhere = RateLimit("1/hour", per: .user) }
        await guesses.send("wrong")
        _ = await guesses.sendAll((0..<70).map { _ in .login(Guesses.email, "wrong") }, at: 1)
        #expect(guesses.blocked.count == 50)
        #expect(guesses.worker.resources.loginCounts.totals.blocked == 70)
        await guesses.send("wrong", at: 3)
        #expect(guesses.worker.lines.of("login.blocked_more") == ["notice login.blocked_more count=20"])
        guesses.worker.resources.stop()
        #expect(try guesses.users.database.loginEvents.last(of: guesses.anna, limit: 100).count == 52)
    }
}

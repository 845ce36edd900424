import HTTP
import RateWindows
import System
import TestDatabase
import Testing

@testable import Accounts
@testable import Service

@Suite("A password at a protected location")
struct BasicDoorTests {
    @Test("opens it and says who it is; the journal and MariaDB have a login by this door")
    func pass() async throws {
        let guesses = try Guesses.atLocation()
        let response = await guesses.basic()
        #expect(response.status == .noContent)
        #expect(response.header(.remoteUser) == "\(guesses.anna)")
        #expect(response.header(.remoteEmail) == Guesses.email)
        let line = try #require(guesses.worker.lines.of("login.ok").first)
        #expect(line == "notice login.ok user=\(guesses.anna) addr=192.0.2.7 door=basic trace=\(TestWorker.trace)")
        #expect(guesses.worker.lines.all.allSatisfy { !$0.contains(TestUsers.password) && !$0.contains(Guesses.email) })
        guesses.worker.resources.stop()
        let rows = try guesses.users.database.loginEvents.last(of: guesses.anna, limit: 10)
        #expect(rows.map(\.door) == ["basic"] && rows.map(\.outcome) == [.ok])
        let email = try EmailAddress(Guesses.email)
        let stored = try guesses.users.database.users.credentials(email: email, network: TestWorker.address)
        #expect(stored?.isKnownNetwork == true)
    }

    @Test("is not checked again for as long as the settings say")
    func remembered() async throws {
        let guesses = try Guesses.atLocation()
        for (seconds, hashed) in [(0, 1), (9.999, 1), (10, 2), (19.999, 2), (20, 3)] {
            #expect(await guesses.basic(at: seconds).status == .noContent)
            #expect(guesses.hashed == hashed)
        }
    }

    @Test("is checked each time where the settings say so")
    func notRemembered() async throws {
        let guesses = try Guesses.atLocation { $0.gate.basicCache = 0 }
        for hashed in 1...3 {
            #expect(await guesses.basic().status == .noContent)
            #expect(guesses.hashed == hashed)
        }
    }

    @Test("is checked again by a location that asks for a fresh login, as soon as it is older than that")
    func fresh() async throws {
        let guesses = try Guesses.atLocation()
        func open(_ tail: String, at seconds: Int) async -> Response {
            let start = guesses.moment(0)
            let moment = Moment(boot: start.boot + UInt64(seconds) * 1_000_000_000, wall: start.wall + Int64(seconds))
            return await guesses.worker.send(.basic(Guesses.email, TestUsers.password, tail), at: moment)
        }
        for (tail, seconds, hashed) in [
            ("", 0, 1), ("/fresh=5s", 5, 1), ("/fresh=5s", 6, 2), ("/fresh=5s", 8, 2), ("", 15, 2), ("", 16, 3),
        ] {
            #expect(await open(tail, at: seconds).status == .noContent, "\(tail) \(seconds)")
            #expect(guesses.hashed == hashed, "\(tail) \(seconds)")
        }
    }

    @Test("opens and refuses for an Authorizer as for a check, with both challenges in the refusal itself")
    func authorizer() async throws {
        let guesses = try Guesses.atLocation()
        var right = Request.basic()
        var wrong = Request.basic(Guesses.email, "wrong")
        right.isAuthorizer = true
        wrong.isAuthorizer = true
        let yes = await guesses.worker.send(right, at: guesses.moment(0))
        #expect(yes.status == .ok && yes.header(.variableEmail) == Guesses.email)
        let no = await guesses.worker.send(wrong, at: guesses.moment(0))
        #expect(no.status == .unauthorized)
        #expect(try no.json["code"]?.string == "invalid_credentials")
        #expect(no.headers.filter { $0.name == .wwwAuthenticate }.count == 2)
    }

    @Test("is another one from another network; an IPv6 network is a /64")
    func networks() async throws {
        let guesses = try Guesses.atLocation()
        for (address, hashed) in [
            ("192.0.2.7", 1), ("192.0.2.8", 2), ("2001:db8::7", 3), ("2001:db8::8", 3), ("2001:db8:0:1::7", 4),
            ("::ffff:192.0.2.7", 4),
        ] {
            #expect(await guesses.basic(from: address).status == .noContent)
            #expect(guesses.hashed == hashed, "\(address)")
        }
    }

    @Test("that is wrong does not profit from the right one, nor does another user with the same password")
    func others() async throws {
        let guesses = try Guesses.atLocation()
        try guesses.users.add(2, "bert@example.org")
        #expect(await guesses.basic().status == .noContent)
        for password in ["wrong", TestUsers.password + " ", String(TestUsers.password.dropLast())] {
            #expect(await guesses.basic(password).status == .unauthorized)
        }
        #expect(guesses.hashed == 4)
        let bert = await guesses.basic(for: "bert@example.org")
        #expect(bert.header(.remoteEmail) == "bert@example.org")
        #expect(guesses.hashed == 5)
        #expect(await guesses.basic(for: "ANNA@example.org").status == .noContent)
        #expect(guesses.hashed == 5)
    }

    @Test("is forgotten when it is changed: the old one is refused, the new one opens")
    func changed() async throws {
        let guesses = try Guesses.atLocation()
        #expect(await guesses.basic().status == .noContent)
        try guesses.changePassword(to: "another long password")
        guesses.noteChange()
        #expect(await guesses.basic().status == .unauthorized)
        #expect(await guesses.basic("another long password").status == .noContent)
        #expect(guesses.hashed == 3)
    }

    @Test("is refused when it was changed by SQL, which nobody noted")
    func changedBySQL() async throws {
        let guesses = try Guesses.atLocation()
        #expect(await guesses.basic().status == .noContent)
        try guesses.changePassword(to: "another long password")
        // The users that the worker remembers are of the real clock, the test's requests of a later one.
        #expect(await guesses.basic(at: 1).status == .unauthorized)
        #expect(guesses.hashed == 1 && guesses.reasons == ["old_token_version"])
    }

    @Test("of a user who is disabled or banned is refused at the next request")
    func disabled() async throws {
        for ban in [false, true] {
            let guesses = try Guesses.atLocation()
            #expect(await guesses.basic().status == .noContent)
            if ban {
                try guesses.users.database.bans.add(NewBan(.user(guesses.anna), madeBy: "root"))
            } else {
                try guesses.users.database.users.setActive(false, of: guesses.anna)
            }
            guesses.noteChange()
            #expect(await guesses.basic().status == .unauthorized)
            #expect(guesses.blocked == (ban ? ["banned_by_hand"] : []))
        }
    }

    @Test("spends a place of limits.login only while it is wrong; one that is remembered asks for none")
    func limit() async throws {
        let guesses = try Guesses.atLocation {
            $0.limits.login = RateLimit("2/minute", per: .address)
            $0.limits.named["downloads"] = RateLimit("100/minute", per: .user)
            $0.gate.basicCache = 30
        }
        for _ in 0..<5 { #expect(await guesses.basic(at: 0).status == .noContent) }
        for password in ["wrong", "again"] { #expect(await guesses.basic(password, at: 1).status == .unauthorized) }
        let refused = await guesses.basic("third", at: 2)
        #expect(refused.status == .forbidden && refused.header(.posternStatus) == "429")
        #expect(refused.header(.retryAfter) != nil && guesses.hashed == 3)
        let answer = await guesses.worker.send(.denied(try #require(refused.header(.posternDetail))))
        #expect(answer.status == .tooManyRequests)
        #expect(try answer.json["violated-policies"]?.array == [.string("login")])
        #expect(await guesses.worker.send(.basic("bert@example.org"), at: guesses.moment(2)).status == .forbidden)
        let request = Request.basic(Guesses.email, TestUsers.password, "/limit=downloads")
        let remembered = await guesses.worker.send(request, at: guesses.moment(3))
        #expect(remembered.status == .noContent)
        #expect(remembered.header(.rateLimit)?.hasPrefix("\"downloads\";r=99;") == true)
    }

    @Test("is looked at by nobody while the rate table is away, a remembered one neither")
    func tableLost() async throws {
        let guesses = try Guesses.atLocation { $0.limits.login.whenAway = .open }
        #expect(await guesses.basic().status == .noContent)
        try guesses.worker.loseTable()
        let response = await guesses.basic()
        #expect(response.status == .forbidden && response.header(.posternStatus) == "503")
        #expect(guesses.hashed == 1)
    }

    @Test("opens while MariaDB is away for as long as a token would, and is no guess meanwhile")
    func databaseAway() async throws {
        let server = try TestServer()
        let place = DatabasePlace(socket: server.socket, name: try server.makeDatabase(), user: server.user)
        try TestUsers.migrate(place)
        try AccountsDatabase(place).users.add(
            NewUser(
                id: try User.test(1).id, email: try EmailAddress(Guesses.email), name: "Anna",
                passwordHash: TestUsers.hash))
        let workers = try [300, 0].map { userCache in
            try TestWorker(database: DatabaseName(socket: server.socket, name: place.name)) {
                $0.gate.basic = true
                $0.gate.basicCache = 60
                $0.tokens.userCache = userCache
                $0.service.hashDeadline = 300
            }
        }
        for worker in workers { #expect(await worker.send(.basic()).status == .noContent) }
        try server.stop()
        #expect(await workers[0].send(.basic()).status == .noContent)
        let away = await workers[1].send(.basic())
        #expect(away.status == .forbidden && away.header(.posternStatus) == "503")
        let unknown = await workers[0].send(.basic(Guesses.email, "other"))
        #expect(unknown.header(.posternStatus) == "503")
        for worker in workers { #expect(worker.lines.of("hash.done").count == 1) }
    }

    @Test("of 4 KiB is a wrong one like any other")
    func long() async throws {
        let guesses = try Guesses.atLocation()
        let pair = 4096 - Guesses.email.utf8.count - 1
        let response = await guesses.basic(String(repeating: "p", count: pair))
        #expect(response.status == .unauthorized)
        #expect(guesses.worker.lines.values(of: "reason", in: "login.failed") == ["wrong_password"])
    }

    @Test("that cannot be read is refused like a wrong one, without a guess")
    func malformed() async throws {
        let guesses = try Guesses.atLocation()
        let wrong = await guesses.basic("wrong")
        let places = try guesses.networkPlaces()
        for field in ["Basic", "Basic x", BasicCredential.field(Guesses.email, "a\0b"), "Basic YUBiLmRl"] {
            var request = Request.check()
            request.headers.append(name: "authorization", value: field)
            let response = await guesses.worker.send(request, at: guesses.moment(0))
            #expect(response.serialized() == wrong.serialized(), "\(field)")
        }
        #expect(guesses.reasons == ["login_refused"] + Array(repeating: "malformed_credential", count: 4))
        #expect(guesses.hashed == 1)
        #expect(try guesses.networkPlaces() == places)
    }

    @Test("beside another Authorization field is refused: nobody can tell which one counts")
    func repeated() async throws {
        let guesses = try Guesses.atLocation()
        var request = Request.basic()
        request.headers.append(name: "authorization", value: BasicCredential.field(Guesses.email, TestUsers.password))
        #expect(await guesses.worker.send(request).header(.posternStatus) == "400")
        #expect(guesses.hashed == 0)
    }

    @Test("is none for what Postern itself serves, and none anywhere where the settings do not take it")
    func ignored() async throws {
        for isOn in [true, false] {
            let guesses = try Guesses.atLocation { $0.gate.basic = isOn }
            let field = BasicCredential.field(Guesses.email, TestUsers.password)
            let me = await guesses.worker.send(.test("GET", "/me", [("authorization", field)]))
            #expect(me.status == .unauthorized)
            #expect(me.headers.filter { $0.name == .wwwAuthenticate }.map(\.value.text) == ["Bearer realm=\"postern\""])
            if !isOn {
                #expect(await guesses.basic().header(.posternDetail) == "code=unauthorized")
            }
            #expect(guesses.hashed == 0)
        }
    }

    @Test("is asked for by a second challenge at locations, where the settings take it")
    func challenges() async throws {
        let guesses = try Guesses.atLocation()
        for request in [Request.check(), .basic(Guesses.email, "wrong"), .check(token: "a.b.c")] {
            let detail = try #require(await guesses.worker.send(request).header(.posternDetail))
            let answer = await guesses.worker.send(.denied(detail))
            #expect(answer.status == .unauthorized)
            let challenges = answer.headers.filter { $0.name == .wwwAuthenticate }.map(\.value.text)
            #expect(challenges.count == 2 && challenges[0].hasPrefix("Bearer realm=\"postern\""))
            #expect(challenges.last == "Basic realm=\"postern\", charset=\"UTF-8\"")
        }
    }

    @Test("never stands in the journal")
    func secret() async throws {
        let guesses = try Guesses.atLocation()
        for password in ["wrong-secret", TestUsers.password] { _ = await guesses.basic(password) }
        let fields = ["wrong-secret", TestUsers.password].map { BasicCredential.field(Guesses.email, $0).dropFirst(6) }
        for secret in ["wrong-secret", TestUsers.password] + fields.map(String.init) {
            #expect(guesses.worker.lines.all.allSatisfy { !$0.contains(secret) })
        }
    }
}

import Cryptography
import HTTP
import Testing
import Tokens

@testable import Accounts
@testable import Service

/// In processes of their own: they hash, and the counter of the work is the process's.
@Suite("Logins")
struct LoginTests {
    @Test("A login gives a token, the token gives the user, and a success costs no place")
    func login() async throws {
        let users = try TestUsers()
        try users.add(1, "anna@example.org")
        await #expect(processExitsWith: .success) {
            [socket = users.place.socket as String, name = users.place.name as String] in
            let worker = try TestWorker(database: DatabaseName(socket: socket, name: name)) {
                $0.limits.login = RateLimit("1/minute", per: .address)
            }
            for _ in 0..<3 {
                let response = await worker.send(.login("Anna@Example.org", TestUsers.password))
                #expect(response.status == .ok)
                #expect(response.header(.cacheControl) == "no-store")
                #expect(response.header(.contentType) == "application/json")
                #expect(response.header(.requestID) == TestWorker.trace)
                #expect(response.header(.rateLimit)?.hasPrefix("\"login\";r=1;") == true)
                let body = try response.json
                #expect(body["token_type"]?.string == "bearer")
                #expect(body["expires_in"]?.integer == 1800)
                let me = await worker.send(.me(try #require(body["access_token"]?.string)))
                #expect(try me.json["email"]?.string == "anna@example.org")
            }
            let id = try User.test(1).id
            let line = try #require(worker.lines.of("login.ok").first)
            #expect(line == "notice login.ok user=\(id) addr=192.0.2.7 door=login trace=\(TestWorker.trace)")
            #expect(worker.lines.all.allSatisfy { !$0.contains(TestUsers.password) && !$0.contains("eyJ") })
        }
    }

    @Test("Wrong password, unknown e-mail and inactive user get one answer for one amount of work")
    func sameAnswer() async throws {
        let users = try TestUsers()
        try users.add(1, "anna@example.org")
        try users.database.users.setActive(false, of: try users.add(2, "bert@example.org"))
        try users.add(3, "carl@example.org", hash: "$5$not$bcrypt")
        await #expect(processExitsWith: .success) {
            [socket = users.place.socket as String, name = users.place.name as String] in
            // Today's cost is above that of the stored hashes: what is missing must be made up.
            let worker = try TestWorker(database: DatabaseName(socket: socket, name: name)) {
                $0.passwords.bcryptCost = 6
                $0.login.pauses = []
            }
            let attempts = [
                ("anna@example.org", "wrong"), ("nobody@example.org", TestUsers.password),
                ("bert@example.org", TestUsers.password), ("bert@example.org", "wrong"),
                ("carl@example.org", TestUsers.password), ("anna@example.org", String(repeating: "a", count: 73)),
            ]
            var answers = Set<[String]>()
            for (email, password) in attempts {
                let before = PasswordHash.workDone
                let response = await worker.send(.login(email, password))
                #expect(PasswordHash.workDone - before == 64, "\(email)")
                #expect(response.status == .unauthorized)
                answers.insert(response.withoutRateLimit)
            }
            #expect(answers.count == 1)
            #expect(answers.first?.last?.contains("\"code\":\"invalid_credentials\"") == true)
            #expect(answers.first?.contains("WWW-Authenticate: Bearer realm=\"postern\"") == true)
            #expect(
                worker.lines.values(of: "reason", in: "login.failed") == [
                    "wrong_password", "unknown_email", "inactive_user", "inactive_user", "hash_format_unknown",
                    "wrong_password",
                ])
        }
    }

    @Test("Failed logins spend the address's places; the one above the limit is refused without a hash")
    func limit() async throws {
        let users = try TestUsers()
        try users.add(1, "anna@example.org")
        await #expect(processExitsWith: .success) {
            [socket = users.place.socket as String, name = users.place.name as String] in
            let worker = try TestWorker(database: DatabaseName(socket: socket, name: name)) {
                $0.limits.login = RateLimit("2/minute", per: .address)
            }
            for password in ["wrong", "again"] {
                #expect(await worker.send(.login("anna@example.org", password)).status == .unauthorized)
            }
            let before = PasswordHash.workDone
            let response = await worker.send(.login("anna@example.org", TestUsers.password))
            #expect(response.status == .tooManyRequests)
            #expect(PasswordHash.workDone == before)
        }
    }

    @Test("A weaker hash is renewed by a login, the token of which is good, and not by a refused one")
    func renewal() async throws {
        let users = try TestUsers()
        try users.add(1, "anna@example.org")
        await #expect(processExitsWith: .success) {
            [socket = users.place.socket as String, name = users.place.name as String] in
            let worker = try TestWorker(database: DatabaseName(socket: socket, name: name)) {
                $0.passwords.bcryptCost = 5
                $0.login.pauses = []
            }
            let email = try EmailAddress("anna@example.org")
            let store = worker.resources.database.users
            _ = await worker.send(.login("anna@example.org", "wrong"))
            #expect(try store.credentials(email: email, network: "203.0.113.7")?.passwordHash == TestUsers.hash)
            let token = try await worker.send(.login("anna@example.org", TestUsers.password)).json["access_token"]
            #expect(
                try store.credentials(email: email, network: "203.0.113.7")?.passwordHash.hasPrefix("$2b$05$") == true)
            #expect(await worker.send(.me(token?.string)).status == .ok)
            #expect(worker.lines.of("hash.renewed").count == 1)
        }
    }

    @Test("Without a database a login is 503, and its place is free again")
    func away() async throws {
        let worker = try TestWorker { $0.limits.login = RateLimit("1/minute", per: .address) }
        for _ in 0..<3 {
            let response = await worker.send(.login("anna@example.org", TestUsers.password))
            #expect(response.status == .serviceUnavailable)
            #expect(response.header(.retryAfter) == "1")
        }
    }
}

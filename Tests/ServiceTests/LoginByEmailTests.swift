import HTTP
import Testing

@testable import Accounts
@testable import Service

@Suite("Logins limited by e-mail")
struct LoginByEmailTests {
    @Test("Both doors and all spellings of an e-mail share one count, from whatever address; a success gives back")
    func byEmail() async throws {
        let users = try TestUsers()
        try users.add(1, "anna@example.org")
        await #expect(processExitsWith: .success) {
            [socket = users.place.socket as String, name = users.place.name as String] in
            let worker = try TestWorker(database: DatabaseName(socket: socket, name: name)) {
                $0.limits.login = RateLimit("2/minute", per: .email, whenAway: .closed)
                $0.limits.login.exempt.emails = [try! EmailAddress("root@example.org")]
                $0.login.pauses = []
            }
            func login(_ email: String, _ password: String, from address: String = "192.0.2.7") async -> Response {
                var request = Request.login(email, password)
                request.remoteAddress = address
                return await worker.send(request)
            }
            func grant(_ email: String, _ password: String) async -> Response {
                var request = Request.test("POST", "/token")
                request.contentType = "application/x-www-form-urlencoded"
                request.body = Array("grant_type=password&username=\(email)&password=\(password)".utf8)
                request.contentLength = request.body.count
                return await worker.send(request)
            }
            for _ in 0..<3 { #expect(await login("anna@example.org", TestUsers.password).status == .ok) }
            #expect(await login("Anna@Example.org", "wrong").status == .unauthorized)
            #expect(await grant("ANNA@example.org", "wrong").status == .badRequest)
            let third = await login("anna@example.org", TestUsers.password, from: "198.51.100.1")
            #expect(third.status == .tooManyRequests)
            #expect(third.header(.rateLimitPolicy) == "\"login\";q=2;w=60")
            #expect(await grant("anna@example.org", "wrong").status == .tooManyRequests)

            // Another e-mail from the same address, known or not, has a count of its own.
            for _ in 0..<2 { #expect(await login("nobody@example.org", "wrong").status == .unauthorized) }
            #expect(await login("nobody@example.org", "wrong").status == .tooManyRequests)
            for _ in 0..<3 { #expect(await login("Root@example.org", "wrong").status == .unauthorized) }
            // What tells of nobody's count: an answer that was let in names no limit.
            #expect(await login("root@example.org", "wrong").header(.rateLimit) == nil)
        }
    }

    @Test("Without a table nobody logs in, and it is counted")
    func tableLost() async throws {
        let worker = try TestWorker { $0.limits.login = RateLimit("2/minute", per: .email, whenAway: .closed) }
        try worker.loseTable()
        let response = await worker.send(.login("anna@example.org", "wrong"))
        #expect(response.status == .serviceUnavailable)
        #expect(worker.pipeline.admission.rules.lines == ["limit.without_table limit=login decision=closed 1"])
    }
}

import HTTP
import RateWindows
import Testing
import Tokens

@testable import Accounts
@testable import Service

@Suite("A request's whole way, with a database")
struct PipelineTests {
    private let users: TestUsers
    private let worker: TestWorker
    private let anna: UserID
    private let token: String

    init() throws {
        users = try TestUsers()
        worker = try TestWorker(database: users.place)
        anna = try users.add(1, "anna@example.org")
        token = try worker.token(anna, "anna@example.org")
    }

    @Test("A token is answered with its user, the first time out of the database and then out of the cache")
    func me() async throws {
        let first = await worker.send(.me(token))
        #expect(first.status == .ok)
        let body = try first.json
        #expect(body["client_id"]?.string == "\(anna)")
        #expect(body["email"]?.string == "anna@example.org")
        #expect(body["client_name"]?.string == "Anna")

        guard case .response(let second) = worker.pipeline.handle(.me(token), at: .now()) else {
            throw Expected(what: "an answer at once")
        }
        // A deferred answer is finished as any other.
        #expect(second.withoutRateLimit == first.withoutRateLimit)
        #expect(first.header(.rateLimit)?.hasPrefix("\"api\";r=19;") == true)
        #expect(second.header(.rateLimit)?.hasPrefix("\"api\";r=18;") == true)
        #expect(worker.lines.of("request.served").count == 2)
    }

    @Test("A disabled user is out with the next request, and stays out with the old token when enabled again")
    func disabled() async throws {
        #expect(await worker.send(.me(token)).status == .ok)
        try users.database.users.setActive(false, of: anna)
        worker.resources.table.noteUserChange()
        #expect(await worker.send(.me(token)).status == .unauthorized)
        #expect(worker.lines.of("request.refused").last?.hasSuffix("reason=inactive_user") == true)

        try users.database.users.setActive(true, of: anna)
        worker.resources.table.noteUserChange()
        #expect(await worker.send(.me(token)).status == .unauthorized)
        #expect(worker.lines.of("request.refused").last?.hasSuffix("reason=old_token_version") == true)
        #expect(await worker.send(.me(try worker.token(anna, "anna@example.org", version: 2))).status == .ok)
    }

    @Test("A new password ends the tokens from before it")
    func newPassword() async throws {
        #expect(await worker.send(.me(token)).status == .ok)
        try users.database.users.setPassword(of: anna, hash: TestUsers.hash)
        worker.resources.table.noteUserChange()
        let response = await worker.send(.me(token))
        #expect(response.status == .unauthorized)
        #expect(response.header(.wwwAuthenticate)?.contains("error=\"invalid_token\"") == true)
    }

    @Test("A body above the gate's limit is 413 for a user, and after 401, 404, 405 and 429")
    func bodyTooLarge() async throws {
        func large(_ request: Request) -> Request {
            var request = request
            request.contentLength = 1 << 30
            request.isBodyWhole = false
            return request
        }
        #expect(await worker.send(large(.me(token))).status == .contentTooLarge)
        #expect(await worker.send(large(.me(nil))).status == .unauthorized)
        #expect(await worker.send(large(.test("GET", "/nowhere"))).status == .notFound)
        #expect(await worker.send(large(.test("GET", "/login"))).status == .methodNotAllowed)
        #expect(await worker.send(large(.denied("code=unauthorized"))).status == .unauthorized)

        var login = Request.login("anna@example.org", "x")
        login.body = []
        for _ in 0..<20 { #expect(await worker.send(large(login)).status == .contentTooLarge) }
        #expect(await worker.send(large(login)).status == .tooManyRequests)
    }

    @Test("Once the budget is spent the answer is 429 with a good token, and 503 goes before it without a database")
    func order() async throws {
        for _ in 0..<20 { #expect(await worker.send(.me(token)).status == .ok) }
        let refused = await worker.send(.me(token))
        #expect(refused.status == .tooManyRequests)
        #expect(refused.headers.filter { $0.name == .rateLimit }.count == 1)
        #expect(refused.header(.contentType) == "application/problem+json")
        #expect(worker.lines.of("request.refused").last?.hasSuffix("reason=limit_api") == true)
    }

    @Test("Readiness tells keys, database and table, and what is missing")
    func readiness() async throws {
        let ready = Request.test("GET", "/readyz", address: "127.0.0.1")
        let well = await worker.send(ready)
        #expect(well.status == .ok)
        #expect(try well.json["database"]?.string == "ok")

        try worker.loseTable()
        let lost = await worker.send(ready)
        #expect(lost.status == .serviceUnavailable)
        #expect(try lost.json["table"]?.string == "away")
        #expect(try lost.json["database"]?.string == "ok")

        let away = try await TestWorker().send(ready)
        #expect(away.status == .serviceUnavailable)
        #expect(try away.json["database"]?.string == "away")
        #expect(try away.json["table"]?.string == "ok")
    }
}

import HTTP
import System
import Testing

@testable import Accounts
@testable import Service

@Suite("Answers to an Authorizer")
struct AuthorizerAnswerTests {
    private static let variables: [HeaderName] = [
        .variableUser, .variableEmail, .variableName, .variableGroups, .variableScopes,
    ]

    private let users: TestUsers
    private let worker: TestWorker
    private let anna: String

    init() throws {
        users = try TestUsers()
        let id = try users.add(1, "anna@example.org", scopes: ["read"])
        worker = try TestWorker(database: users.place) {
            $0.limits.named["one"] = RateLimit("1/minute", per: .user)
            $0.limits.named["shut"] = RateLimit("9/minute", per: .user, whenAway: .closed)
        }
        anna = try worker.token(id, "anna@example.org", scopes: ["read"])
    }

    private func send(_ tail: String = "", token: String? = nil, _ change: (inout Request) -> Void = { _ in }) async
        -> Response
    {
        var request = Request.check(tail, token: token)
        request.isAuthorizer = true
        change(&request)
        return await worker.send(request)
    }

    private func texts(_ response: Response) -> [String?] { Self.variables.map { response.header($0) } }

    @Test("Yes is a 200 with every variable, the empty ones too: what is not sent would not be cleared")
    func pass() async throws {
        let response = await send(token: anna)
        #expect(response.status == .ok && response.body.isEmpty)
        #expect(texts(response) == ["\(try User.test(1).id)", "anna@example.org", "Anna", "", "read"])
        #expect(response.header(.remoteUser) == nil && response.header(.remoteScopes) == nil)
        #expect(response.header(.posternStatus) == nil)
        #expect(String(decoding: response.serialized(), as: UTF8.self).contains("\r\nVariable-REMOTE_GROUPS: \r\n"))
    }

    @Test("A preflight that is let through has empty variables")
    func preflight() async throws {
        let response = await send("/preflight") {
            $0.method = "OPTIONS"
            $0.headers.append(name: "origin", value: "https://www.example.com")
            $0.headers.append(name: "access-control-request-method", value: "GET")
        }
        #expect(response.status == .ok)
        #expect(texts(response) == ["", "", "", "", ""])
    }

    @Test("No is worded at once, with the real status and its fields and none of ours for nginx")
    func refusals() async throws {
        #expect(await send("/limit=one", token: anna).status == .ok)
        let cases: [(Response, Status, String)] = [
            (await send(), .unauthorized, "unauthorized"), (await send(token: "a.b.c"), .unauthorized, "invalid_token"),
            (await send("/group=ops", token: anna), .forbidden, "forbidden"),
            (await send("/scope=write", token: anna), .forbidden, "insufficient_scope"),
            (await send("/scpe=write", token: anna), .forbidden, "forbidden"),
            (await send("/limit=one", token: anna), .tooManyRequests, "rate_limited"),
        ]
        for (response, status, code) in cases {
            #expect(response.status == status)
            #expect(try response.json["code"]?.string == code)
            #expect(response.header(.posternStatus) == nil && response.header(.posternDetail) == nil)
            #expect(response.header(.requestID) == TestWorker.trace && response.header(.cacheControl) == "no-store")
            #expect(texts(response) == [nil, nil, nil, nil, nil])
        }
        let limited = try #require(cases.last).0
        #expect(limited.header(.retryAfter) != nil)
        #expect(limited.header(.rateLimitPolicy) == "\"one\";q=1;w=60")
        #expect(limited.headers.filter { $0.name == .rateLimit }.count == 1)
        #expect(worker.lines.of("request.refused").last?.contains("status=429") == true)
    }

    @Test("A browser gets the page")
    func page() async throws {
        let response = await send { $0 = $0.fromBrowser }
        #expect(response.status == .unauthorized && response.header(.contentType) == "text/html; charset=utf-8")
        #expect(response.header(.wwwAuthenticate) == "Bearer realm=\"postern\"")
    }

    @Test("The table away and a limit that is closed: 503 with Retry-After")
    func away() async throws {
        #expect(await send(token: anna).status == .ok)
        try worker.loseTable()
        let response = await send("/limit=shut", token: anna)
        #expect(response.status == .serviceUnavailable && response.header(.retryAfter) == "5")
        #expect(worker.lines.of("request.failed").count == 1)
    }

    @Test("An answer that comes from another thread is worded too")
    func later() async throws {
        // The first look at a user, and a database that is not there.
        let away = try TestWorker()
        var request = Request.check(token: try away.token(User.test().id, "anna@example.org"))
        request.isAuthorizer = true
        let response = await away.send(request)
        #expect(response.status == .serviceUnavailable && response.header(.posternStatus) == nil)
        #expect(try response.json["code"]?.string == "unavailable")
    }
}

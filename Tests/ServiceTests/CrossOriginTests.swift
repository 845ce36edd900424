import HTTP
import Testing

@testable import Service

@Suite("Calls from pages of other origins")
struct CrossOriginTests {
    private static let origin = "https://app.example.test"

    private func worker(_ origins: [String] = [origin]) throws -> TestWorker {
        try TestWorker { $0.site.corsOrigins = origins }
    }

    private func preflight(_ path: String, origin: String = origin, role: Role? = .api) -> Request {
        .test(
            "OPTIONS", path, [("origin", origin), ("access-control-request-method", "GET")], role: role,
            address: "127.0.0.1")
    }

    private func corsFields(_ response: Response) -> [String] {
        response.headers.map { $0.name.text }.filter { $0.hasPrefix("Access-Control") || $0 == "Vary" }
    }

    @Test("The preflight of an allowed origin is answered with what the path takes")
    func allowed() async throws {
        let response = try await worker().send(preflight("/me"))
        #expect(response.status == .noContent)
        #expect(response.header(.accessControlAllowOrigin) == Self.origin)
        #expect(response.header(.accessControlAllowMethods) == "GET, HEAD")
        #expect(response.header(.accessControlAllowHeaders) == "Authorization, Content-Type")
        #expect(response.header(.accessControlMaxAge) == "600")
        #expect(response.header(.vary) == "Origin")
        #expect(response.header(.requestID) == TestWorker.trace)
        #expect(response.body.isEmpty)
    }

    @Test("A preflight spends no budget")
    func noBudget() async throws {
        let worker = try TestWorker {
            $0.site.corsOrigins = [Self.origin]
            $0.limits.login = RateLimit("1/minute", per: .address)
        }
        for _ in 0..<5 { #expect(await worker.send(preflight("/login")).status == .noContent) }
    }

    @Test(
        "Another origin, in any likeness, gets none",
        arguments: [
            "https://evil.example", "http://app.example.test", "https://app.example.test.evil", "null", "*", "",
            "https://APP.example.test", "https://app.example.test:8443", "https://app.example.test/",
        ])
    func otherOrigin(origin: String) async throws {
        let response = try await worker().send(preflight("/me", origin: origin))
        #expect(response.status == .methodNotAllowed)
        #expect(corsFields(response) == ["Vary"])
    }

    @Test("Only a request of the role api has a preflight", arguments: [Role?.none, .check, .denied, .page])
    func roles(role: Role?) async throws {
        let status = try await worker().send(preflight("/me", role: role)).status
        #expect([.notFound, .forbidden].contains(status))
    }

    @Test("The monitors' paths have none, nor has a path that is none", arguments: ["/healthz", "/readyz", "/nowhere"])
    func paths(path: String) async throws {
        let status = try await worker().send(preflight(path)).status
        #expect(status == (path == "/nowhere" ? .notFound : .methodNotAllowed))
    }

    @Test("OPTIONS that asks for no method is no preflight")
    func plainOptions() async throws {
        let response = try await worker().send(.test("OPTIONS", "/me", [("origin", Self.origin)]))
        #expect(response.status == .methodNotAllowed)
    }

    @Test("A page of an allowed origin may read a refusal and its fields, never with cookies")
    func refusalIsReadable() async throws {
        let response = try await worker().send(.test("GET", "/me", [("origin", Self.origin)]))
        #expect(response.status == .unauthorized)
        #expect(response.header(.accessControlAllowOrigin) == Self.origin)
        let exposed = response.header(.accessControlExposeHeaders)
        #expect(exposed == "X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate")
        #expect(!corsFields(response).contains("Access-Control-Allow-Credentials"))
    }

    @Test("Where origins are allowed, an answer to nobody's page says that it depends on the origin")
    func vary() async throws {
        let response = try await worker().send(.test("GET", "/me"))
        #expect(corsFields(response) == ["Vary"])
    }

    @Test("Without origins in the settings nothing is added")
    func off() async throws {
        for request in [preflight("/me"), .test("GET", "/me", [("origin", Self.origin)])] {
            let response = try await worker([]).send(request)
            #expect(corsFields(response) == [])
        }
    }
}

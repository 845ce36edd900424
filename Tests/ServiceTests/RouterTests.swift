import HTTP
import Testing

@testable import Service

@Suite("The router")
struct RouterTests {
    private let worker: TestWorker

    init() throws { worker = try TestWorker() }

    private func refusal(_ request: Request) throws -> Problem {
        try problem { () throws(Problem) in try worker.routed(request) }
    }

    @Test("A request of the role api finds its route")
    func found() throws {
        #expect(try worker.routed(.test("POST", "/login")).route.path == "/login")
        #expect(try worker.routed(.test("GET", "/me")).route.path == "/me")
    }

    @Test(
        "Any other role stays closed, whatever the path, and its kind is in the journal only",
        arguments: [
            (Role?.none, Status.notFound, "no_role"), (.check, .forbidden, "unknown_requirement"),
            (.page, .notFound, "unknown_role"),
        ])
    func roles(role: Role?, status: Status, reason: String) throws {
        for path in ["/me", "/healthz", "/nowhere"] {
            let problem = try refusal(.test("GET", path, role: role))
            #expect(problem.status == status)
            #expect(problem.reason == reason)
        }
    }

    @Test(
        "Only the exact path is a route",
        arguments: ["/", "", "/ME", "/me/", "/me/x", "//me", "/%6de", "/login?x", "/public/search"])
    func unknownPath(path: String) throws {
        let problem = try refusal(.test("GET", path))
        #expect(problem.status == .notFound)
        #expect(problem.reason == "no_route")
    }

    @Test("The routes of the photos are there when the settings say so")
    func photos() throws {
        let worker = try TestWorker { $0.photos.enabled = true }
        #expect(try worker.routed(.test("GET", "/public/search")).route.limit == .search)
        #expect(try worker.routed(.test("GET", "/photos/me")).route.limit == .api)
    }

    @Test(
        "Another method is told what the path takes",
        arguments: [
            ("GET", "/login", "POST"), ("post", "/login", "POST"), ("OPTIONS", "/token", "POST"),
            ("POST", "/me", "GET, HEAD"), ("DELETE", "/me", "GET, HEAD"), ("get", "/me", "GET, HEAD"),
        ])
    func method(method: String, path: String, allow: String) throws {
        let problem = try refusal(.test(method, path))
        #expect(problem.status == .methodNotAllowed)
        #expect(problem.header(.allow) == allow)
    }

    @Test("Where GET is taken, HEAD is")
    func head() throws {
        #expect(try worker.routed(.test("HEAD", "/me")).route.path == "/me")
        #expect(try refusal(.test("HEAD", "/login")).status == .methodNotAllowed)
    }

    @Test("The monitors' paths are there for their networks", arguments: ["127.0.0.1", "127.9.9.9", "::1"])
    func monitors(address: String) throws {
        for path in ["/healthz", "/readyz"] {
            #expect(try worker.routed(.test("GET", path, address: address)).route.path == path)
        }
    }

    @Test(
        "For everybody else they look like no path at all, with any method",
        arguments: ["192.0.2.7", "::2", "", "unix:", "127.0.0.1.evil"])
    func others(address: String) throws {
        for (method, path) in [("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/healthz")] {
            let hidden = try refusal(.test(method, path, address: address))
            let unknown = try refusal(.test(method, "/nowhere", address: address))
            #expect(hidden.reason == "not_a_monitor")
            let answers = [hidden, unknown].map { $0.response(trace: "t").serialized() }
            #expect(answers[0] == answers[1])
        }
    }
}

import Cryptography
import HTTP
import System
import Testing

@testable import Accounts
@testable import Service

@Suite("The peer check and the last touch of every answer")
struct FinishTests {
    private static let secret = "0123456789abcdef0123"

    // MARK: The peer secret

    private func peer(_ secret: String) -> Request {
        var request = Request.test("GET", "/healthz", address: "127.0.0.1")
        request.peerSecret = secret
        return request
    }

    @Test("Only the right peer secret is let in, and refusals are counted")
    func peerSecret() throws {
        let check = PeerCheck(secret: SecretBytes(Array(Self.secret.utf8)))
        #expect(throws: Never.self) { try check.check(peer(Self.secret)) }
        let wrong = ["", "0", Self.secret + "0", String(Self.secret.dropLast()), Self.secret.uppercased()]
        for secret in wrong {
            let problem = try problem { () throws(Problem) in try check.check(peer(secret)) }
            #expect(problem.status == .forbidden)
            #expect(problem.reason == "wrong_peer_secret")
        }
        #expect(check.refused == wrong.count)
    }

    @Test("Without a peer secret in the settings anybody on the socket is let in")
    func noPeerSecret() {
        #expect(throws: Never.self) { try PeerCheck(secret: nil).check(peer("anything")) }
    }

    @Test("The secret comes from its file without the line end, and is asked for before everything else")
    func peerSecretFile() async throws {
        let path = "/tmp/postern-test-peer-\(UInt64.random(in: 0...UInt64.max))"
        try Files.replace(path, with: Array((Self.secret + "\n").utf8), mode: 0o600)
        defer { try? Files.remove(path) }
        let worker = try TestWorker {
            $0.service.peerSecretFile = path
            $0.site.corsOrigins = ["https://app.example.test"]
        }
        #expect(await worker.send(peer(Self.secret)).status == .ok)
        let preflight = Request.test(
            "OPTIONS", "/me", [("origin", "https://app.example.test"), ("access-control-request-method", "GET")])
        for request in [peer(""), .test("GET", "/nowhere"), .login("a@example.org", "x"), preflight] {
            #expect(await worker.send(request).status == .forbidden)
        }
    }

    // MARK: Fields and lines

    @Test("Every answer carries the request's id and forbids sniffing; a problem names the id and is not stored")
    func fields() async throws {
        let worker = try TestWorker()
        let healthy = Request.test("GET", "/healthz", address: "127.0.0.1")
        for request in [healthy, .me(nil), .test("GET", "/nowhere"), .test("PUT", "/me")] {
            let response = await worker.send(request)
            #expect(response.header(.requestID) == TestWorker.trace)
            #expect(response.header(.contentTypeOptions) == "nosniff")
            #expect(response.header(.cacheControl) == "no-store")
            guard response.status != .ok else { continue }
            #expect(response.header(.contentType) == "application/problem+json")
            #expect(try response.json["trace"]?.string == TestWorker.trace)
        }
    }

    @Test(
        "A request id that cannot stand in a field is replaced by one of our own",
        arguments: ["", "short", "0123456789\r\nSet-Cookie: a=b", String(repeating: "a", count: 65), "0123456789 ab"])
    func ownTrace(id: String) async throws {
        let worker = try TestWorker()
        var request = Request.me(nil)
        request.requestID = id
        let response = await worker.send(request)
        let trace = try #require(response.header(.requestID))
        #expect(trace.utf8.count == 32 && trace.allSatisfy(\.isHexDigit))
        #expect(try response.json["trace"]?.string == trace)
        #expect(worker.lines.of("request.refused").allSatisfy { $0.contains("trace=\(trace)") })
    }

    @Test("HEAD has the fields of GET and no body, also when it is refused")
    func head() async throws {
        let worker = try TestWorker()
        for (path, address) in [("/healthz", "127.0.0.1"), ("/me", TestWorker.address)] {
            let get = await worker.send(.test("GET", path, address: address))
            let head = await worker.send(.test("HEAD", path, address: address))
            #expect(!get.body.isEmpty)
            #expect(head.status == get.status)
            #expect(head.body.isEmpty)
            #expect(head.headers.map { $0.name.text } == get.headers.map { $0.name.text })
        }
    }

    @Test("A refusal is one line with status, method, path, address, id and reason")
    func line() async throws {
        let worker = try TestWorker()
        _ = await worker.send(.test("GET", "/no where\n\"=", address: "192.0.2.7"))
        let lines = worker.lines.of("request.refused")
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(
            line.hasPrefix(#"notice request.refused status=404 method=GET path="/no where\u{a}\"=" addr=192.0.2.7 ms="#)
        )
        #expect(line.hasSuffix("trace=\(TestWorker.trace) reason=no_route"))
    }

    @Test("A long method and a long path are cut, so a client cannot fill the journal")
    func longLine() async throws {
        let worker = try TestWorker()
        _ = await worker.send(.test(String(repeating: "M", count: 5000), "/" + String(repeating: "é", count: 5000)))
        // One letter for a reader, ten thousand bytes for the journal.
        _ = await worker.send(.test("GET", "/a" + String(repeating: "\u{301}", count: 5000)))
        let lines = worker.lines.of("request.refused")
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.utf8.count < 600 })
    }

    /// How long ago a request came in, ms.
    private func earlier(_ milliseconds: UInt64) -> Moment {
        let now = Moment.now()
        return Moment(boot: now.boot - milliseconds * 1_000_000, wall: now.wall - Int64(milliseconds / 1000))
    }

    @Test("A good answer that another thread gave after a second or more has a line of its own, and no other")
    func slow() async throws {
        let users = try TestUsers()
        let worker = try TestWorker(database: users.place)
        let id = try users.add(1, "anna@example.org")
        let request = Request.me(try worker.token(id, "anna@example.org"))
        // The first one waits for the look-up of the user; the second finds it done.
        for number in 1...2 {
            #expect(await worker.send(request, at: earlier(1100)).status == .ok)
            let lines = worker.lines.of("request.slow")
            #expect(lines.count == number)
            let line = try #require(lines.last)
            #expect(line.hasPrefix("notice request.slow status=200 method=GET path=/me addr=192.0.2.7 ms=1"))
            #expect(line.hasSuffix("trace=\(TestWorker.trace)"))
            #expect(worker.lines.of("request.served").isEmpty)
        }
    }
}

import HTTP
import System
import Testing
import Tokens

@testable import Accounts
@testable import Service

extension Request {
    static func check(_ tail: String = "", token: String? = nil, address: String = TestWorker.address) -> Request {
        let headers = [("host", "shop.example.com")] + (token.map { [("authorization", "Bearer \($0)")] } ?? [])
        var request = Request.test("GET", "/postern/auth" + tail, headers, role: .check, address: address)
        request.target = "/ops/files?secret=1"
        return request
    }

    static func denied(_ detail: String) -> Request {
        var request = Request.test("GET", "/ops/files", role: .denied)
        request.detail = detail
        return request
    }
}

@Suite("The gate")
struct GateTests {
    private let users: TestUsers
    private let worker: TestWorker
    private let anna: String

    init() throws {
        users = try TestUsers()
        let id = try users.add(1, "anna@example.org")
        worker = try TestWorker(database: users.place) {
            $0.limits.named["downloads"] = RateLimit("2/minute", per: .user)
            $0.limits.named["all"] = RateLimit("3/minute", per: .user)
            $0.limits.named["trial"] = RateLimit("1/minute", per: .user)
            $0.limits.named["trial"]?.isDryRun = true
            $0.limits.named["shut"] = RateLimit("9/minute", per: .user, whenAway: .closed)
        }
        anna = try worker.token(id, "anna@example.org")
    }

    /// What the client gets when nginx hands a check's refusal on.
    private func denied(_ check: Response) async throws -> Response {
        await worker.send(.denied(try #require(check.header(.posternDetail))))
    }

    @Test("A good token opens: 204 with who it is, and without a status or a detail")
    func pass() async throws {
        let response = await worker.send(.check(token: anna))
        #expect(response.status == .noContent && response.body.isEmpty)
        #expect(response.header(.remoteUser) == "\(try User.test(1).id)")
        #expect(response.header(.remoteEmail) == "anna@example.org")
        #expect(response.header(.remoteName) == "Anna")
        #expect(response.header(.remoteGroups) == nil && response.header(.remoteScopes) == nil)
        #expect(response.header(.posternStatus) == nil && response.header(.posternDetail) == nil)
        #expect(response.header(.rateLimit) == nil)
    }

    @Test("What a name holds cannot break a header, and a word with the separator in it is left out")
    func values() throws {
        let user = User(
            id: UserID(high: 1, low: 2), email: try EmailAddress("jürgen@example.org"),
            name: " Jürgen\r\nRemote-User: \u{2028}root\u{0}\u{85} ", isActive: true, scopes: ["read", "a b", "write"],
            groups: ["ops", "x,admin", "y,\u{301}admin", "web team"], tokenVersion: 1, createdAt: 0, updatedAt: 0)
        let token = try worker.token(user.id, "jürgen@example.org", scopes: user.scopes)
        let response = try Pass.response(to: worker.authenticated(.check(token: token), user: user))
        #expect(response.header(.remoteName) == "JürgenRemote-User: root")
        #expect(response.header(.remoteEmail) == "jürgen@example.org")
        #expect(response.header(.remoteGroups) == "ops,web team")
        #expect(response.header(.remoteScopes) == "read write")
        let head = String(decoding: response.serialized(), as: UTF8.self)
        #expect(head.components(separatedBy: "\r\n").filter { $0.hasPrefix("Remote-User:") }.count == 1)
    }

    @Test("What is written once for many checks follows each change of the user and of the token's scopes, to the byte")
    func written() throws {
        func user(_ name: String, _ groups: [String], _ scopes: [String]) throws -> User {
            User(
                id: UserID(high: 3, low: 4), email: try EmailAddress("anna@example.org"), name: name, isActive: true,
                scopes: scopes, groups: groups, tokenVersion: 1, createdAt: 0, updatedAt: 0)
        }
        let composed = "J\u{fc}rgen"
        let decomposed = "Ju\u{308}rgen"
        #expect(composed == decomposed)
        let held = ["read", "write"]
        let cases: [(User, token: [String], groups: String?, scopes: String?)] = [
            (try user(composed, ["ops"], held), held, "ops", "read write"),
            (try user(decomposed, ["ops"], held), held, "ops", "read write"),
            (try user(decomposed, [decomposed], held), held, decomposed, "read write"),
            (try user(decomposed, [composed], held), held, composed, "read write"),
            (try user(decomposed, [], held), ["write"], nil, "write"),
            (try user(decomposed, [], held), [], nil, nil),
            (try user(decomposed, [], ["read"]), held, nil, "read"),
        ]
        for (user, token, groups, scopes) in cases + cases.reversed() {
            let request = Request.check(token: try worker.token(user.id, "anna@example.org", scopes: token))
            let response = try Pass.response(to: worker.authenticated(request, user: user))
            let head = response.serialized()
            #expect(response.header(.remoteName).map { Array($0.utf8) } == Array(user.name.utf8))
            #expect(response.header(.remoteGroups).map { Array($0.utf8) } == groups.map { Array($0.utf8) })
            #expect(response.header(.remoteScopes) == scopes)
            #expect(Array("Remote-Name: \(user.name)\r\n".utf8).isContained(in: head))
        }
    }

    @Test("The longest identity that can be stored fits into the one buffer of 4 KiB that nginx has for it")
    func longest() throws {
        let email = String(repeating: "e", count: 242) + "@example.org"
        // 1,000 bytes of each in MariaDB, and 200 letters of four bytes.
        let words = (0..<100).map { String(repeating: "w", count: 6) + String(100 + $0) }
        let name = String(repeating: "\u{1f98a}", count: 200)
        let user = User(
            id: UserID(high: .max, low: .max), email: try EmailAddress(email), name: name, isActive: true,
            scopes: words, groups: words, tokenVersion: 1, createdAt: 0, updatedAt: 0)
        let request = Request.check("/limit=downloads/limit=all/limit=shut", token: try worker.token(user.id, email))
        let admitted = try worker.admitted(request, user: user)
        var response = try Pass.response(to: worker.pipeline.authentication.authenticate(admitted))
        #expect(response.header(.remoteName) == name && response.header(.remoteGroups)?.utf8.count == 999)
        // A token that has all of them as well would not fit into Authorization; a service token does.
        response.add(.remoteScopes, HeaderValue(words: words.joined(separator: " ")))
        let head = worker.pipeline.finish.response(response, admitted.identified.routed.context, admitted.spending)
        #expect(head.serialized().count < 4000, "\(head.serialized().count)")
    }

    @Test("Without a credential, with a bad one and with two the check says 401 or 403, and the client is told which")
    func unauthorized() async throws {
        let none = await worker.send(.check())
        #expect(none.status == .unauthorized && none.header(.posternStatus) == "401")
        // nginx would write a body to its disk, for each refusal.
        #expect(none.body.isEmpty && none.header(.contentType) == nil)
        let nobody = try await denied(none)
        #expect(nobody.status == .unauthorized)
        #expect(nobody.header(.wwwAuthenticate) == "Bearer realm=\"postern\"")
        #expect(nobody.header(.cacheControl) == "no-store" && nobody.header(.requestID) == TestWorker.trace)
        #expect(try nobody.json["code"]?.string == "unauthorized")

        let bad = await worker.send(.check(token: "a.b.c"))
        #expect(bad.status == .unauthorized && bad.header(.posternStatus) == "401")
        let refused = try await denied(bad)
        #expect(refused.header(.wwwAuthenticate)?.contains("error=\"invalid_token\"") == true)

        var twice = Request.check(token: anna)
        twice.headers.append(name: "authorization", value: "Bearer \(anna)")
        let repeated = await worker.send(twice)
        #expect(repeated.status == .forbidden && repeated.header(.posternStatus) == "400")
        #expect(try await denied(repeated).status == .badRequest)
    }

    @Test("A named limit counts the user, and its refusal arrives as a 429 with all its fields")
    func limited() async throws {
        for left in [1, 0] {
            let response = await worker.send(.check("/limit=downloads", token: anna))
            #expect(response.status == .noContent)
            #expect(response.header(.rateLimit)?.hasPrefix("\"downloads\";r=\(left);t=") == true)
        }
        let refused = await worker.send(.check("/limit=downloads", token: anna, address: "198.51.100.1"))
        #expect(refused.status == .forbidden && refused.header(.posternStatus) == "429")
        let wait = try #require(refused.header(.retryAfter))
        let answer = try await denied(refused)
        #expect(answer.status == .tooManyRequests)
        #expect(answer.header(.retryAfter) == wait)
        #expect(answer.header(.rateLimitPolicy) == "\"downloads\";q=2;w=60")
        #expect(answer.header(.rateLimit)?.hasPrefix("\"downloads\";r=0;t=") == true)
        #expect(answer.headers.filter { $0.name == .rateLimit || $0.name == .retryAfter }.count == 2)
        #expect(try answer.json["violated-policies"]?.array == [.string("downloads")])
        // The other budgets are untouched.
        #expect(await worker.send(.check("/limit=all", token: anna)).status == .noContent)
        #expect(await worker.send(.check(token: anna)).status == .noContent)
    }

    @Test("Several limits are charged together or not at all; one in dry run is only counted; one twice counts once")
    func several() async throws {
        let both = Request.check("/limit=all/limit=downloads/limit=trial/limit=all", token: anna)
        for _ in 0..<2 { #expect(await worker.send(both).status == .noContent) }
        for _ in 0..<5 {
            let refused = try await denied(await worker.send(both))
            #expect(try refused.json["violated-policies"]?.array == [.string("downloads")])
            #expect(refused.header(.rateLimitPolicy) == "\"all\";q=3;w=60, \"downloads\";q=2;w=60")
            #expect(refused.header(.rateLimit)?.hasPrefix("\"all\";r=1;t=") == true)
        }
        // The refusals took no place of the other one.
        #expect(await worker.send(.check("/limit=all", token: anna)).status == .noContent)
        #expect(await worker.send(.check("/limit=all", token: anna)).header(.posternStatus) == "429")
        #expect(worker.pipeline.admission.rules.lines == ["limit.would_refuse limit=trial 1"])
    }

    @Test("A check without a named limit is never limited")
    func unlimited() async throws {
        for _ in 0..<200 { #expect(await worker.send(.check(token: anna)).status == .noContent) }
    }

    @Test(
        "A word or a limit that nobody knows keeps the door shut, and the journal names location and word",
        arguments: [
            ("/scpe=ops", "scpe=ops", "unknown requirement"), ("/limit=download", "limit=download", "no limit of this"),
            ("/limit=downloads/fresh", "fresh", "needs a value"), ("/limit=", "limit=", "needs a value"),
            ("/limit=login", "limit=login", "is for logins alone"), ("/", "", "a slash too many"),
            ("/limit=downloads/", "", "a slash too many"), ("x", "/postern/authx", "is not /postern/auth"),
            ("/LIMIT=downloads", "LIMIT=downloads", "unknown requirement"),
            ("/!group=$blocked", "!group=$blocked", "no variable"),
            ("/!email=*@${host}", "!email=*@${host}", "no variable"),
        ])
    func unknown(tail: String, word: String, reason: String) async throws {
        let response = await worker.send(.check(tail, token: anna))
        #expect(response.status == .forbidden && response.header(.posternStatus) == "403")
        let line = try #require(worker.lines.of("gate.unknown_requirement").first)
        let shown = word.isEmpty || word.contains("=") ? "\"\(word)\"" : word
        #expect(
            line.hasPrefix("error gate.unknown_requirement host=shop.example.com location=/ops/files word=\(shown) "))
        #expect(line.contains(reason) && !line.contains("secret"))
        #expect(try await denied(response).status == .forbidden)
    }

    @Test(
        "Every other path of the role is shut, an Authorizer's empty one too", arguments: ["", "/", "/me", "/postern"])
    func otherPaths(path: String) async throws {
        var request = Request.check(token: anna)
        request.path = path
        #expect(await worker.send(request).status == .forbidden)
    }

    @Test("The table away: a limit that is open lets in, one that is closed is a 503 inside a 403")
    func tableLost() async throws {
        #expect(await worker.send(.check(token: anna)).status == .noContent)
        try worker.loseTable()
        #expect(await worker.send(.check("/limit=downloads", token: anna)).status == .noContent)
        let refused = await worker.send(.check("/limit=downloads/limit=shut", token: anna))
        #expect(refused.status == .forbidden && refused.header(.posternStatus) == "503")
        let answer = try await denied(refused)
        #expect(answer.status == .serviceUnavailable && answer.header(.retryAfter) == "5")
    }

    @Test(
        "A detail that no check wrote is a plain 403",
        arguments: [
            "", "code=", "code=ok", "code=204", "retry=1", "code=unauthorized&code=forbidden", "code=%", "%00",
            "code=forbidden",
        ])
    func forgedDetail(text: String) async throws {
        let answer = await worker.send(.denied(text))
        #expect(answer.status == .forbidden)
        #expect(try answer.json["code"]?.string == "forbidden")
    }

    @Test("A detail says the same when it is read as when it was written, and stays short")
    func detail() {
        var detail = RefusalDetail(.rateLimited)
        detail.retryAfter = 12
        detail.policy = "\"a\";q=1;w=60, \"a-net\";q=8;w=60"
        detail.state = "\"a\";r=0;t=12"
        detail.violated = ["a", "a-net"]
        #expect(RefusalDetail(parsing: detail.field.text) == detail)
        detail.policy = String(repeating: "\"abcdefgh\";q=1;w=60, ", count: 200)
        let short = RefusalDetail(parsing: detail.field.text)
        #expect(short.code == .rateLimited && short.retryAfter == 12 && short.policy.isEmpty)
    }

}

extension [UInt8] {
    fileprivate func isContained(in whole: [UInt8]) -> Bool {
        whole.indices.contains { whole[$0...].starts(with: self) }
    }
}

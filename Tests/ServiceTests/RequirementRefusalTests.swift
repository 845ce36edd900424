import HTTP
import System
import Testing

@testable import Accounts
@testable import Service

@Suite("A location's requirement, from the check to the client")
struct RequirementRefusalTests {
    private let users: TestUsers
    private let worker: TestWorker
    private let anna: UserID
    private let bob: UserID

    init() throws {
        users = try TestUsers()
        anna = try users.add(1, "anna@example.org", scopes: ["read", "write"], groups: ["ops"])
        bob = try users.add(2, "bob@example.org")
        worker = try TestWorker(database: users.place) {
            $0.limits.named["two"] = RateLimit("2/minute", per: .user)
            $0.limits.named["three"] = RateLimit("3/minute", per: .address)
        }
    }

    private func token(_ scopes: [String] = ["read", "write"], age: Int64 = 0) throws -> String {
        let now = Moment.now()
        return try worker.token(
            anna, "anna@example.org", scopes: scopes, at: Moment(boot: now.boot, wall: now.wall - age))
    }

    /// The check's answer and what the client gets of it.
    private func refused(_ tail: String, _ token: String?) async throws -> (check: Response, client: Response) {
        let check = await worker.send(.check(tail, token: token))
        return (check, await worker.send(.denied(try #require(check.header(.posternDetail)))))
    }

    private var lastLine: String { worker.lines.of("request.refused").last ?? "" }

    @Test("A token without the scope is 403 with the challenge of RFC 6750, and the journal has the word")
    func scope() async throws {
        #expect(await worker.send(.check("/scope=write", token: try token())).status == .noContent)
        let (check, client) = try await refused("/scope=write,admin/scope=read", try token(["read"]))
        #expect(check.status == .forbidden && check.header(.posternStatus) == "403")
        #expect(lastLine.hasSuffix("reason=requirement word=\"scope=write,admin\""))
        #expect(client.status == .forbidden && client.header(.cacheControl) == "no-store")
        #expect(
            client.header(.wwwAuthenticate)
                == "Bearer realm=\"postern\", error=\"insufficient_scope\", scope=\"write admin read\"")
        #expect(try client.json["code"]?.string == "insufficient_scope")
    }

    @Test("An application learns the scopes of the token, and not those that the user has beside them")
    func effective() async throws {
        let all = await worker.send(.check(token: try token()))
        #expect(all.header(.remoteScopes) == "read write" && all.header(.remoteGroups) == "ops")
        let some = await worker.send(.check(token: try token(["write", "admin"])))
        #expect(some.header(.remoteScopes) == "write")
        let none = await worker.send(.check(token: try token([])))
        #expect(none.header(.remoteScopes) == nil && none.header(.remoteGroups) == "ops")
    }

    @Test("A login that is too old is 401 with the challenge of RFC 9470, and a newer one opens")
    func tooOld() async throws {
        #expect(await worker.send(.check("/fresh=15m", token: try token(age: 600))).status == .noContent)
        let (check, client) = try await refused("/fresh=15m", try token(age: 1000))
        #expect(check.status == .unauthorized && check.header(.posternStatus) == "401")
        #expect(lastLine.hasSuffix("reason=requirement word=\"fresh=15m\""))
        #expect(client.status == .unauthorized)
        #expect(client.header(.wwwAuthenticate)?.contains("error=\"insufficient_user_authentication\"") == true)
        #expect(client.header(.wwwAuthenticate)?.hasSuffix("max_age=\"900\"") == true)
    }

    @Test(
        "What no scope and no login mends is a plain 403 that does not say who may",
        arguments: [
            "/group=web", "/!group=ops", "/user=bob@example.org", "/!user=anna@example.org", "/email=*@example.com",
            "/!scope=write", "/group=web/scope=admin/fresh=1s",
        ])
    func forbidden(tail: String) async throws {
        let (check, client) = try await refused(tail, try token(age: 5))
        #expect(check.status == .forbidden && check.header(.posternStatus) == "403")
        #expect(client.status == .forbidden && client.header(.wwwAuthenticate) == nil)
        #expect(try client.json["code"]?.string == "forbidden")
        let first = try #require(tail.split(separator: "/").first)
        // Nginx's files have the e-mail; no line of ours does.
        let word = first.contains("@") ? first.prefix { $0 != "=" } : first
        #expect(lastLine.hasSuffix("reason=requirement word=" + (word.contains("=") ? "\"\(word)\"" : "\(word)")))
        #expect(lastLine.contains("/postern/auth/\(word)") && !lastLine.contains("@"))
        for part in ["web", "ops", "bob", "example.com", "admin"] { #expect(!client.text.contains(part)) }
    }

    @Test("Who is not signed in is told so, whatever the location asks for")
    func nobody() async throws {
        let (check, client) = try await refused("/group=web/scope=admin/fresh=1s", nil)
        #expect(check.header(.posternStatus) == "401")
        #expect(try client.json["code"]?.string == "unauthorized")
    }

    @Test("A change of the user's groups and scopes holds at the next request")
    func changed() async throws {
        let token = try token()
        #expect(await worker.send(.check("/group=ops/scope=write", token: token)).status == .noContent)
        _ = try users.connection().execute(
            "UPDATE users SET scopes = 'read', `groups` = '' WHERE email = 'anna@example.org'")
        worker.resources.table.noteUserChange()
        #expect(await worker.send(.check("/scope=read", token: token)).status == .noContent)
        #expect(await worker.send(.check("/group=ops", token: token)).status == .forbidden)
        #expect(await worker.send(.check("/scope=write", token: token)).status == .forbidden)
    }

    @Test("The limit is charged before the requirement is looked at, and its 429 goes before every other refusal")
    func order() async throws {
        let token = try token()
        for _ in 0..<2 {
            let (check, client) = try await refused("/group=web/limit=two", token)
            #expect(check.header(.posternStatus) == "403")
            #expect(client.header(.rateLimit)?.hasPrefix("\"two\";r=") == true)
        }
        #expect(try await refused("/group=web/limit=two", token).client.status == .tooManyRequests)
        #expect(try await refused("/group=ops/limit=two", token).client.status == .tooManyRequests)
    }

    // MARK: Preflight

    private func preflight(_ tail: String, _ change: (inout Request) -> Void = { _ in }) async -> Response {
        var request = Request.check(tail)
        request.method = "OPTIONS"
        request.headers.append(name: "origin", value: "https://www.example.com")
        request.headers.append(name: "access-control-request-method", value: "GET")
        change(&request)
        return await worker.send(request)
    }

    @Test("A preflight passes where the location says so, without an identity; and nothing but a preflight does")
    func preflights() async throws {
        let passed = await preflight("/preflight/group=ops")
        #expect(passed.status == .noContent)
        for name: HeaderName in [.remoteUser, .remoteEmail, .remoteName, .remoteGroups, .remoteScopes] {
            #expect(passed.header(name) == nil)
        }
        #expect(await preflight("").status == .unauthorized)
        #expect(await preflight("/group=ops").status == .unauthorized)
        #expect(await preflight("/preflight") { $0.method = "GET" }.status == .unauthorized)
        #expect(await preflight("/preflight") { $0.method = "options" }.status == .unauthorized)
        #expect(
            await preflight("/preflight") { $0.headers = RequestHeaders([("origin", "x")]) }.status == .unauthorized)
        for credential in ["Bearer a.b.c", "Basic YTpi", ""] {
            let response = await preflight("/preflight") { $0.headers.append(name: "authorization", value: credential) }
            #expect(response.status == .unauthorized, "\(credential)")
        }
        #expect(await worker.send(.check("/preflight/group=ops", token: try token())).header(.remoteUser) == "\(anna)")
        #expect(await worker.send(.check("/preflight", token: nil)).status == .unauthorized)
    }

    @Test("A preflight is charged like everything else, by address")
    func preflightLimit() async throws {
        for left in [2, 1, 0] {
            let response = await preflight("/preflight/limit=three")
            #expect(response.status == .noContent)
            #expect(response.header(.rateLimit)?.hasPrefix("\"three\";r=\(left);") == true)
        }
        #expect(await preflight("/preflight/limit=three").header(.posternStatus) == "429")
    }
}

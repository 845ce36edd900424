import HTTP
import System
import TestKit
import Testing

@testable import Accounts
@testable import Service

@Suite("Nothing but a met requirement opens")
struct OneDoorTests {
    private let users: TestUsers
    private let worker: TestWorker
    /// The same, without a line for each of many thousand requests.
    private let quiet: Pipeline
    private let anna: String
    private let issued = Moment.now()

    init() async throws {
        users = try TestUsers()
        let id = try users.add(1, "anna@example.org", scopes: ["read"], groups: ["ops"])
        worker = try TestWorker(database: users.place) {
            $0.site.corsOrigins = ["https://www.example.com"]
            $0.photos.enabled = true
            $0.limits.named["all"] = RateLimit("1000000/second", per: .user)
        }
        quiet = try Assembly.pipeline(worker.settings, worker.resources, EventLog(handler: SilentHandler()))
        anna = try worker.token(id, "anna@example.org", scopes: ["read"], at: issued)
        // From here on the user is known, and a check is answered at once.
        let first = await InProcessClient { [quiet] in quiet.handle($0, at: .now()) }.send(.check(token: anna))
        #expect(first.status == .noContent)
    }

    // MARK: Roles, routes, methods

    private func request(_ role: Role?, _ method: String, _ path: String, isAuthorizer: Bool, _ token: String?)
        -> Request
    {
        var request = Request.test(
            method, path,
            [("origin", "https://www.example.com"), ("access-control-request-method", "GET")]
                + (token.map { [("authorization", "Bearer \($0)")] } ?? []),
            role: role, address: "127.0.0.1")
        request.isAuthorizer = isAuthorizer
        request.detail = "code=204"
        return request
    }

    @Test("In the role check no path of ours, no method and no preflight of the API is a 2xx without a user")
    func withoutUser() async {
        let paths =
            [
                "/", "", "/login", "/token", "/me", "/healthz", "/readyz", "/photos/me", "/public/search",
                "/postern/auth",
            ]
            + ["/postern/", "/postern/login", "/postern/auth/scope=read", "/postern/auth/limit=all"]
        for path in paths {
            for method in ["GET", "HEAD", "POST", "OPTIONS", "PUT", "get", ""] {
                for isAuthorizer in [false, true] {
                    for token in [nil, "a.b.c", anna + "x"] {
                        let response = await worker.send(
                            request(.check, method, path, isAuthorizer: isAuthorizer, token))
                        #expect(response.status.rawValue >= 400, "\(method) \(path) \(isAuthorizer)")
                        let status = response.status
                        #expect(isAuthorizer || status == .unauthorized || status == .forbidden)
                    }
                }
            }
        }
    }

    @Test("With a user the check's own path alone is one, whatever the method; the other roles open nothing")
    func withUser() async {
        for path in [
            "/", "/login", "/me", "/healthz", "/postern/authx", "/postern/auth/", "/postern", "/postern/auth//",
        ] {
            for method in ["GET", "POST", "OPTIONS"] {
                let response = await worker.send(request(.check, method, path, isAuthorizer: false, anna))
                #expect(response.status == .forbidden, "\(method) \(path)")
            }
        }
        for method in ["GET", "HEAD", "POST", "OPTIONS", "DELETE", "FOO"] {
            let own = await worker.send(request(.check, method, "/postern/auth", isAuthorizer: false, anna))
            #expect(own.status == .noContent)
            for role in [Role.denied, .page, nil] {
                for path in ["/postern/auth", "/me", "/healthz", "/login"] {
                    let response = await worker.send(request(role, method, path, isAuthorizer: false, anna))
                    #expect(response.status.rawValue >= 400, "\(method) \(path)")
                    #expect(response.header(.remoteUser) == nil && response.header(.variableUser) == nil)
                }
            }
        }
    }

    @Test(
        "5,000 of them asked as a check: one that is refused as a requirement is 403, and one that is not met no 2xx")
    func checks() throws {
        var dice = StrangeTails.Dice(state: 5)
        var counts = [0, 0, 0]
        let user = User(
            id: try User.test(1).id, email: try EmailAddress("anna@example.org"), name: "Anna", isActive: true,
            scopes: ["read"], groups: ["ops"], tokenVersion: 1, createdAt: 0, updatedAt: 0)
        for _ in 0..<5_000 {
            let tail = StrangeTails.tail(&dice)
            let now = Moment.now()
            guard case .response(let response) = quiet.handle(.check(tail, token: anna), at: now) else {
                throw Expected(what: "an answer at once")
            }
            let requirement = try? Requirement(path: Requirement.path + tail, rules: quiet.admission.rules)
            let unmet = requirement?.unmet(by: user, .password(since: issued.wall), at: now)
            let expected: Status =
                switch unmet {
                case nil: requirement == nil ? .forbidden : .noContent
                case .tooOld: .unauthorized
                case .forbidden, .scope: .forbidden
                }
            if response.status != expected { Issue.record("\(tail.debugDescription): \(response.status)") }
            counts[requirement == nil ? 0 : unmet == nil ? 2 : 1] += 1
        }
        #expect(counts.allSatisfy { $0 > 100 }, "\(counts)")
    }
}

import HTTP
import System
import Testing

@testable import Accounts
@testable import Service

@Suite("Identification and authentication")
struct AuthenticationTests {
    private static let challenge = "Bearer realm=\"postern\""
    private static let invalid =
        challenge + ", error=\"invalid_token\", error_description=\"The access token is not valid\""

    private let worker: TestWorker
    private let anna: User
    private let token: String

    init() throws {
        worker = try TestWorker()
        anna = try .test()
        token = try worker.token(anna.id, anna.email.text)
    }

    private func authenticated(_ request: Request, user: User?) throws(Problem) -> Authenticated {
        try worker.pipeline.authentication.authenticate(try worker.admitted(request, user: user))
    }

    private func refusal(_ request: Request, user: User? = nil) throws -> Problem {
        try problem { () throws(Problem) in try authenticated(request, user: user) }
    }

    private func me(_ fields: String...) -> Request { .test("GET", "/me", fields.map { ("authorization", $0) }) }

    @Test("A good token and its stored user go through")
    func good() throws {
        #expect(try authenticated(.me(token), user: anna).knownUser() == anna)
    }

    @Test("Without a credential the challenge has no error code", arguments: [nil, "Basic YTpi", "Digest x=y"])
    func noCredential(field: String?) throws {
        let problem = try refusal(field.map { me($0) } ?? me())
        #expect(problem.status == .unauthorized)
        #expect("\(problem.code)" == "unauthorized")
        #expect(problem.reason == "no_credential")
        #expect(problem.header(.wwwAuthenticate) == Self.challenge)
    }

    @Test(
        "A credential that is no token is an invalid token",
        arguments: [("Bearer", "malformed_credential"), ("Bearer\tx", "malformed_credential")])
    func malformed(field: String, reason: String) throws {
        let problem = try refusal(me(field))
        #expect(problem.status == .unauthorized)
        #expect("\(problem.code)" == "invalid_token")
        #expect(problem.reason == reason)
        #expect(problem.header(.wwwAuthenticate) == Self.invalid)
    }

    @Test("Two credentials are a malformed request, even when both are good")
    func repeated() throws {
        let problem = try refusal(me("Bearer \(token)", "Bearer \(token)"), user: anna)
        #expect(problem.status == .badRequest)
        #expect("\(problem.code)" == "invalid_request")
        #expect(problem.header(.wwwAuthenticate) == Self.challenge + ", error=\"invalid_request\"")
    }

    @Test("Whatever is wrong with the token, the client reads the same and the journal has the reason")
    func refusedTokens() throws {
        let disabled = try User.test(isActive: false)
        let renewed = try User.test(version: 2)
        let renamed = try User.test(email: "anna@example.com")
        let old = Moment(boot: Moment.now().boot, wall: Moment.now().wall - 7200)
        let expired = try worker.token(anna.id, anna.email.text, at: old)
        let cases: [(token: String, user: User?, reason: String)] = [
            (token, nil, "unknown_user"), (token, disabled, "inactive_user"), (token, renewed, "old_token_version"),
            (token, renamed, "other_email"), (expired, anna, "expired"),
        ]
        let problems = try cases.map { try refusal(.me($0.token), user: $0.user) }
        #expect(problems.map(\.reason) == cases.map { $0.reason })
        let answers = Set(problems.map { String(decoding: $0.response(trace: "t").serialized(), as: UTF8.self) })
        #expect(answers.count == 1)
        #expect(problems.allSatisfy { $0.status == .unauthorized && $0.header(.wwwAuthenticate) == Self.invalid })
    }

    @Test("A token with one character changed is refused without a look-up")
    func forged() throws {
        let changed = String(token.dropLast(2)) + (token.suffix(2).first == "A" ? "BA" : "AA")
        guard case .done(let identified) = try worker.pipeline.identification.identify(worker.routed(.me(changed)))
        else { throw Expected(what: "no look-up for a forged token") }
        guard case .nobody(.refused) = identified.identity else { throw Expected(what: "a refusal") }
    }

    @Test("A path that is open asks nobody, and looks at no credential")
    func open() throws {
        let request = Request.test("POST", "/login", [("authorization", "Bearer x"), ("authorization", "Bearer y")])
        guard case .nobody(.noCredential) = try worker.identified(request).identity else {
            throw Expected(what: "nobody")
        }
        let authenticated = try authenticated(request, user: nil)
        let problem = try problem { () throws(Problem) in try authenticated.knownUser() }
        #expect(problem.status == .internalServerError)
    }

    @Test("The realm of the settings stands in the challenge, quoted")
    func realm() {
        let challenge = Authentication(realm: "a \"b\" \\ ü").challenge
        #expect(challenge.text == #"Bearer realm="a \"b\" \\ ""#)
    }
}

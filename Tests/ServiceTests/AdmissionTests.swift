import HTTP
import RateWindows
import System
import Testing
import Tokens

@testable import Accounts
@testable import Service

@Suite("Admission")
struct AdmissionTests {
    private let start = Moment.now()

    private func worker(login: StaticString = "1/minute", api: StaticString = "1/minute") throws -> TestWorker {
        try TestWorker {
            $0.limits.login = RateLimit(login, per: .address, whenAway: .closed)
            $0.limits.api = RateLimit(api, per: .user)
        }
    }

    private func refusal(
        _ worker: TestWorker, _ request: Request, user: User? = nil, at moment: Moment
    ) throws -> Problem {
        try problem { () throws(Problem) in try worker.admitted(request, user: user, at: moment) }
    }

    @Test("The request above the limit is told when to come back, and then it is let in")
    func refused() throws {
        let worker = try worker(login: "2/minute")
        let login = Request.test("POST", "/login")
        let first = try worker.admitted(login, at: start)
        #expect(first.spending.standings.map(\.remaining) == [1])
        _ = try worker.admitted(login, at: start)

        let problem = try refusal(worker, login, at: start)
        #expect(problem.status == .tooManyRequests)
        #expect(problem.reason == "limit_login")
        let wait = try #require(problem.header(.retryAfter).flatMap { Int($0) })
        #expect((60...61).contains(wait))
        #expect(problem.header(.rateLimitPolicy) == "\"login\";q=2;w=60")
        #expect(problem.header(.rateLimit) == "\"login\";r=0;t=\(wait)")
        #expect(problem.header(.cacheControl) == "no-store")

        let body = try problem.response(trace: "t").json
        #expect(body["type"]?.string == "https://iana.org/assignments/http-problem-types#quota-exceeded")
        #expect(body["status"]?.integer == 429)
        #expect(body["code"]?.string == "rate_limited")
        #expect(body["violated-policies"]?.array == [.string("login")])

        #expect(throws: Never.self) { try worker.admitted(login, at: start.adding(milliseconds: wait * 1000)) }
    }

    @Test("Of several windows all are charged or none, and the fields tell each by its name")
    func severalWindows() throws {
        let worker = try worker(login: "3/minute; 2/10s")
        let login = Request.test("POST", "/login")
        _ = try worker.admitted(login, at: start)
        _ = try worker.admitted(login, at: start)

        let problem = try refusal(worker, login, at: start)
        let wait = try #require(problem.header(.retryAfter).flatMap { Int($0) })
        #expect((10...11).contains(wait))
        #expect(problem.header(.rateLimitPolicy) == "\"login\";q=3;w=60, \"login-2\";q=2;w=10")
        #expect(try problem.response(trace: "t").json["violated-policies"]?.array == [.string("login-2")])

        // The refusal took no place of the minute: one is left.
        let third = try worker.admitted(login, at: start.adding(milliseconds: wait * 1000))
        #expect(third.spending.standings.map(\.remaining) == [0, 1])
        let last = try refusal(worker, login, at: start.adding(milliseconds: wait * 1000))
        #expect(try last.response(trace: "t").json["violated-policies"]?.array == [.string("login")])
    }

    @Test("A bad token spends the budget of its address and never that of the user it names")
    func badToken() throws {
        let worker = try worker()
        let anna = try User.test()
        let token = try worker.token(anna.id, anna.email.text)
        let changed = try User.test(version: 2)

        _ = try worker.admitted(.me(token), user: changed, at: start)
        #expect(try refusal(worker, .me(token), user: changed, at: start).status == .tooManyRequests)
        #expect(try refusal(worker, .me(nil), at: start).status == .tooManyRequests)

        #expect(throws: Never.self) { try worker.admitted(.me(token), user: anna, at: start) }
        #expect(throws: Never.self) { try worker.admitted(.me(nil, address: "192.0.2.8"), at: start) }
    }

    @Test("A user has one budget, from whatever address; another user has another")
    func users() throws {
        let worker = try worker()
        let (anna, bert) = (try User.test(1), try User.test(2, email: "bert@example.org"))
        let tokens = try [anna, bert].map { try worker.token($0.id, $0.email.text) }

        _ = try worker.admitted(.me(tokens[0]), user: anna, at: start)
        let again = Request.me(tokens[0], address: "2001:db8::1")
        #expect(try refusal(worker, again, user: anna, at: start).reason == "limit_api")
        #expect(throws: Never.self) { try worker.admitted(.me(tokens[1]), user: bert, at: start) }
    }

    @Test("Whoever comes without an address is refused, and a user with a token needs none", arguments: ["", "unix:"])
    func noAddress(address: String) throws {
        let worker = try worker()
        for request in [Request.test("POST", "/login", address: address), .me(nil, address: address)] {
            let problem = try refusal(worker, request, at: start)
            #expect(problem.status == .badRequest)
            #expect("\(problem.code)" == "no_address")
        }
        let anna = try User.test()
        let token = try worker.token(anna.id, anna.email.text)
        #expect(throws: Never.self) { try worker.admitted(.me(token, address: address), user: anna, at: start) }
    }

    @Test("Without a table logins are closed and what is signed in goes on, with no fields")
    func tableLost() throws {
        let worker = try worker()
        try worker.loseTable()

        let problem = try refusal(worker, .test("POST", "/login"), at: start)
        #expect(problem.status == .serviceUnavailable)
        #expect(problem.reason == "no_rate_table")
        #expect(problem.header(.retryAfter) == "5")

        let anna = try User.test()
        let token = try worker.token(anna.id, anna.email.text)
        for _ in 0..<3 {
            let admitted = try worker.admitted(.me(token), user: anna, at: start)
            var response = Response(.ok)
            admitted.spending.addFields(to: &response)
            #expect(response.headers.isEmpty)
        }
    }

    @Test("A login's place is free again when it is given back; the api's never is")
    func giveBack() throws {
        let worker = try worker()
        let login = Request.test("POST", "/login")
        for _ in 0..<5 { worker.pipeline.admission.giveBack(try worker.admitted(login, at: start).spending) }

        worker.pipeline.admission.giveBack(try worker.admitted(.me(nil), at: start).spending)
        #expect(try refusal(worker, .me(nil), at: start).status == .tooManyRequests)
    }

    @Test("A path without a limit charges nothing")
    func noLimit() throws {
        let worker = try worker()
        for _ in 0..<30 {
            let admitted = try worker.admitted(.test("GET", "/healthz", address: "127.0.0.1"), at: start)
            #expect(admitted.spending.limit == nil)
        }
    }
}

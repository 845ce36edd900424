import HTTP
import RateWindows
import System
import Testing
import Tokens

@testable import Accounts
@testable import Service

@Suite("Limits of the settings, enforced")
struct SeveralLimitsTests {
    private let start = Moment.now()
    private let login = Request.test("POST", "/login")

    private func limit(_ text: StaticString, per: RateLimit.Subject, _ adjust: (inout RateLimit) -> Void = { _ in })
        -> RateLimit
    {
        var limit = RateLimit(text, per: per)
        adjust(&limit)
        return limit
    }

    private func refusal(
        _ worker: TestWorker, _ request: Request, user: User? = nil, at moment: Moment? = nil
    ) throws -> Problem {
        try problem { () throws(Problem) in try worker.admitted(request, user: user, at: moment ?? start) }
    }

    private func isRefused(_ worker: TestWorker, _ request: Request, user: User? = nil) -> Bool {
        do {
            _ = try worker.admitted(request, user: user, at: start)
            return false
        } catch { return true }
    }

    @Test("An IPv6 /48 may do eight times what one /64 may, and is named in the fields")
    func wideNetwork() throws {
        let worker = try TestWorker {
            $0.limits.search = limit("1/minute", per: .address); $0.photos.enabled = true
        }
        func search(_ network: Int, _ host: Int = 1) -> Request {
            .test("GET", "/public/search", address: "2001:db8:1:\(network)::\(host)", query: "q=a")
        }
        let first = try worker.admitted(search(1), at: start)
        var response = Response(.ok)
        first.spending.addFields(to: &response)
        #expect(response.header(.rateLimitPolicy) == "\"search\";q=1;w=60, \"search-net\";q=8;w=60")
        #expect(response.header(.rateLimit) == "\"search\";r=0;t=60, \"search-net\";r=7;t=60")

        // Another host of the same /64: no place, and none taken of the /48.
        let same = try refusal(worker, search(1, 2))
        #expect(try same.response(trace: "t").json["violated-policies"]?.array == [.string("search")])
        for network in 2...8 { _ = try worker.admitted(search(network), at: start) }
        let ninth = try refusal(worker, search(9))
        #expect(try ninth.response(trace: "t").json["violated-policies"]?.array == [.string("search-net")])
        #expect(throws: Never.self) {
            try worker.admitted(.test("GET", "/public/search", address: "2001:db8:2::1", query: "q=a"), at: start)
        }
    }

    @Test("A login from IPv6 gives both its places back")
    func wideLogin() throws {
        let worker = try TestWorker { $0.limits.login = limit("1/minute", per: .address) }
        for number in 1...20 {
            let login = Request.test("POST", "/login", address: "2001:db8:1:\(number % 3)::1")
            worker.pipeline.admission.giveBack(try worker.admitted(login, at: start).spending)
        }
    }

    @Test("The /48 of a rule near the table's end counts as far as the table counts")
    func widest() {
        let limit = limit("1000000/hour", per: .address)
        #expect(limit.wideRules(number: 1).map(\.limit) == [1_000_000])
        #expect(limit.rules(number: 1)[0].number != limit.wideRules(number: 1)[0].number)
    }

    @Test("A limit in dry run refuses nobody, is told to nobody, and counts whom it would refuse")
    func dryRun() throws {
        let worker = try TestWorker {
            $0.limits.api = limit("2/minute", per: .address) { $0.isDryRun = true }
        }
        for _ in 0..<5 {
            let admitted = try worker.admitted(.me(nil), at: start)
            var response = Response(.ok)
            admitted.spending.addFields(to: &response)
            #expect(response.headers.isEmpty)
        }
        let rule = worker.settings.limits.api.rules(number: LimitNumbers.api)[0]
        #expect(worker.count(rule, .wouldRefuse) == 3)
        #expect(worker.count(rule, .refused) == 0)
        #expect(worker.pipeline.admission.rules.lines.contains("limit.would_refuse limit=api 3"))
    }

    @Test("A login in dry run gives its place back like any other")
    func dryRunLogin() throws {
        let worker = try TestWorker { $0.limits.login = limit("1/minute", per: .address) { $0.isDryRun = true } }
        for _ in 0..<3 { worker.pipeline.admission.giveBack(try worker.admitted(login, at: start).spending) }
        #expect(!worker.pipeline.admission.rules.lines.contains { $0.hasPrefix("limit.would_refuse") })
    }

    @Test("Each refusal is counted once for its limit")
    func refused() throws {
        let worker = try TestWorker { $0.limits.api = limit("1/minute; 1/hour", per: .address) }
        _ = try worker.admitted(.me(nil), at: start)
        for _ in 0..<3 { _ = try refusal(worker, .me(nil)) }
        #expect(worker.count(worker.settings.limits.api.rules(number: LimitNumbers.api)[0], .refused) == 3)
    }

    @Test("Who is exempt is not counted and gets no fields: a network, a user by id, a user by e-mail")
    func exempt() throws {
        let (anna, bert) = (try User.test(1), try User.test(2, email: "bert@example.org"))
        let carl = try User.test(3, email: "carl@example.org")
        let worker = try TestWorker {
            $0.limits.api = limit("1/minute", per: .user) {
                $0.exempt.networks = [Network("198.51.100.0/24"), Network("2001:db8::/32")].compactMap { $0 }
                $0.exempt.users = [anna.id]
                $0.exempt.emails = [bert.email]
            }
        }
        for user in [anna, bert, carl] {
            let token = try worker.token(user.id, user.email.text)
            let spending = try worker.admitted(.me(token), user: user, at: start).spending
            #expect((spending.limit == nil) == (user.id != carl.id))
            #expect(isRefused(worker, .me(token), user: user) == (user.id == carl.id))
            // From an exempt network nobody is counted.
            #expect(!isRefused(worker, .me(token, address: "198.51.100.9"), user: user))
            #expect(!isRefused(worker, .me(token, address: "2001:db8:7::1"), user: user))
        }
        #expect(!isRefused(worker, .me(nil, address: "198.51.101.1")))
        #expect(isRefused(worker, .me(nil, address: "198.51.101.1")))
    }

    @Test("A named parameter is counted by its value, from whatever address; without one the address is")
    func parameter() throws {
        let name = try ParameterName("CUSTOMER")
        let worker = try TestWorker { $0.limits.api = limit("1/minute", per: .parameter(name)) }
        func request(_ value: String?, _ address: String) -> Request {
            var request = Request.me(nil, address: address)
            request.parameters = value.map { [("OTHER", "x"), ("CUSTOMER", $0)] } ?? []
            return request
        }
        #expect(!isRefused(worker, request("acme", "192.0.2.1")))
        #expect(isRefused(worker, request("acme", "192.0.2.2")))
        #expect(!isRefused(worker, request("ACME", "192.0.2.2")))
        #expect(!isRefused(worker, request("", "192.0.2.3")))
        #expect(isRefused(worker, request(nil, "192.0.2.3")))
        #expect(!isRefused(worker, request(nil, "192.0.2.1")))
    }

    @Test("By e-mail, a signed-in user is counted by the stored one, whoever has none by address")
    func email() throws {
        let worker = try TestWorker { $0.limits.api = limit("1/minute", per: .email) }
        let (anna, bert) = (try User.test(1), try User.test(2, email: "bert@example.org"))
        for user in [anna, bert] {
            let token = try worker.token(user.id, user.email.text)
            #expect(!isRefused(worker, .me(token), user: user))
            #expect(isRefused(worker, .me(token, address: "192.0.2.99"), user: user))
        }
        #expect(!isRefused(worker, .me(nil)))
        #expect(isRefused(worker, .me(nil)))
    }

    @Test("The table away: each limit does as it says, and what it let in or refused is counted")
    func away() throws {
        let worker = try TestWorker {
            $0.limits.login = limit("9/minute", per: .address)
            $0.limits.api = limit("9/minute", per: .email) { $0.whenAway = .closed }
        }
        try worker.loseTable()
        for _ in 0..<2 { #expect(try worker.admitted(login, at: start).spending.limit == nil) }
        let anna = try User.test()
        let token = try worker.token(anna.id, anna.email.text)
        for _ in 0..<3 {
            let problem = try refusal(worker, .me(token), user: anna)
            #expect(problem.status == .serviceUnavailable && problem.reason == "no_rate_table")
            #expect(problem.header(.retryAfter) == "5")
        }
        let lines = worker.pipeline.admission.rules.lines
        #expect(lines.contains("limit.without_table limit=login decision=open 2"))
        #expect(lines.contains("limit.without_table limit=api decision=closed 3"))
    }
}

extension RateRules {
    /// The counts that are not 0.
    var lines: [String] { counts.filter { $0.total > 0 }.map { "\($0.line) \($0.total)" } }
}

extension TestWorker {
    func count(_ rule: Rule, _ what: LimitCount) -> UInt64 {
        let counts = resources.table.limitCounts()?.first { $0.limit == LimitNumbers.limit(ofRule: rule.number) }
        return (what == .refused ? counts?.refused : counts?.wouldRefuse) ?? 0
    }
}

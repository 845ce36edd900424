import Accounts
import HTTP
import RateWindows

/// Charges the rate limit of a request's route, or refuses it with 429.
struct Admission: Sendable {
    private let rules: RateRules
    private let table: Table

    init(rules: RateRules, table: Table) {
        self.rules = rules
        self.table = table
    }

    func admit(_ identified: Identified) throws(Problem) -> Admitted {
        guard let name = identified.routed.route.limit else {
            return Admitted(identified: identified, spending: .nothing)
        }
        let limit = rules[name]
        guard !limit.rules.isEmpty else { return Admitted(identified: identified, spending: .nothing) }
        let key = try key(of: identified, per: limit.per)
        let spending = try spend(limit, key: key, at: identified.routed.context.moment.boot)
        return Admitted(identified: identified, spending: spending)
    }

    /// Frees the places of a login that succeeded.
    func giveBack(_ spending: Spending) {
        if let receipt = spending.receipt { table.giveBack(receipt) }
    }

    /// By user where there is one, else by address: a bad token never spends a user's budget.
    private func key(of identified: Identified, per subject: RateLimit.Subject) throws(Problem) -> Key {
        if subject == .user, case .user(let user, _) = identified.identity {
            return .user(high: user.id.high, low: user.id.low)
        }
        guard let key = Key(address: identified.routed.context.request.remoteAddress) else {
            // nginx always sends it; whoever does not must not become the one client without a limit.
            throw Problem(.badRequest, "no_address", "The web server did not pass the client's address.")
        }
        return key
    }

    private func spend(_ limit: RateRules.Named, key: Key, at now: UInt64) throws(Problem) -> Spending {
        let charges = limit.rules.map { Charge(rule: $0, key: key, returnable: limit.isReturnable) }
        switch table.decide(charges, at: now) {
        case .admitted(let standings, let receipt):
            return Spending(name: limit.name, standings: standings, receipt: limit.isReturnable ? receipt : nil)
        case .refused(let standings, let retryAfter, let violated):
            throw Admission.refusal(limit.name, standings, retryAfter: retryAfter, violated: violated)
        case .unavailable:
            // Guesses must not become free because a table is lost; what was signed in already goes on.
            if limit.name == .login {
                throw Problem(
                    .serviceUnavailable, "unavailable", "Logins are not possible at the moment. Try again shortly.",
                    reason: "no_rate_table"
                ).with("Retry-After", HeaderValue(5))
            }
            return .nothing
        }
    }

    private static func refusal(
        _ name: LimitName, _ standings: [Standing], retryAfter: UInt32, violated: [Rule]
    ) -> Problem {
        let wait = retryAfter == 1 ? "1 second" : "\(retryAfter) seconds"
        var problem = Problem(
            .tooManyRequests, "rate_limited", "Too many requests. Try again in \(wait).",
            reason: "limit_\(name.rawValue)")
        problem.type = "https://iana.org/assignments/http-problem-types#quota-exceeded"
        problem.title = "Request cannot be satisfied as assigned quota has been exceeded"
        let names = RateLimitFields.names(name, violated).map { JSONObject.quote($0) }
        problem.members = [("violated-policies", JSONObject.array(names))]
        problem.headers = RateLimitFields.headers(name, standings)
        return problem.with("Retry-After", HeaderValue(retryAfter)).with("Cache-Control", HeaderValue("no-store"))
    }
}

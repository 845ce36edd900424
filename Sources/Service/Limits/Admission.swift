import Accounts
import HTTP
import RateWindows

/// A request that every rate limit of its route has let through.
struct Admitted: Sendable {
    let identified: Identified
    let spending: Spending

    fileprivate init(identified: Identified, spending: Spending) {
        self.identified = identified
        self.spending = spending
    }
}

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
        for place in spending.places { table.giveBack(place) }
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
        // One rule is the usual case, and decided without an allocation.
        if limit.rules.count == 1 {
            let charge = Charge(rule: limit.rules[0], key: key, returnable: limit.isReturnable)
            switch table.decide(charge, at: now) {
            case .admitted(let standing, let place):
                return Spending(limit: limit, standings: [standing], places: limit.isReturnable ? [place] : [])
            case .refused(let standing, let retryAfter):
                throw Admission.refusal(limit, [standing], retryAfter: retryAfter, violated: limit.rules)
            case .unavailable: return try withoutTable(limit)
            }
        }
        let charges = limit.rules.map { Charge(rule: $0, key: key, returnable: limit.isReturnable) }
        switch table.decide(charges, at: now) {
        case .admitted(let standings, let receipt):
            return Spending(limit: limit, standings: standings, places: limit.isReturnable ? receipt.places : [])
        case .refused(let standings, let retryAfter, let violated):
            throw Admission.refusal(limit, standings, retryAfter: retryAfter, violated: violated)
        case .unavailable: return try withoutTable(limit)
        }
    }

    /// Guesses must not become free because a table is lost; what is signed in already goes on.
    private func withoutTable(_ limit: RateRules.Named) throws(Problem) -> Spending {
        guard limit.name == .login else { return .nothing }
        throw Problem(
            .serviceUnavailable, "unavailable", "Logins are not possible at the moment. Try again shortly.",
            reason: "no_rate_table"
        ).with(.retryAfter, HeaderValue(5))
    }

    private static func refusal(
        _ limit: RateRules.Named, _ standings: [Standing], retryAfter: UInt32, violated: [Rule]
    ) -> Problem {
        let wait = retryAfter == 1 ? "1 second" : "\(retryAfter) seconds"
        var problem = Problem(
            .tooManyRequests, "rate_limited", "Too many requests. Try again in \(wait).",
            reason: "limit_\(limit.name.rawValue)")
        problem.type = "https://iana.org/assignments/http-problem-types#quota-exceeded"
        problem.title = "Request cannot be satisfied as assigned quota has been exceeded"
        problem.members = [("violated-policies", .texts(violated.map(limit.label)))]
        problem.headers = [(.rateLimitPolicy, limit.policy), (.rateLimit, limit.state(standings))]
        return problem.with(.retryAfter, HeaderValue(retryAfter)).with(.cacheControl, .noStore)
    }
}

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

/// Charges the rate limits of a request, all or none, or refuses it with 429.
struct Admission: Sendable {
    let rules: RateRules
    private let table: Table

    init(rules: RateRules, table: Table) {
        self.rules = rules
        self.table = table
    }

    func admit(_ identified: Identified) throws(Problem) -> Admitted {
        if let requirement = identified.routed.requirement {
            return Admitted(identified: identified, spending: try charge(requirement.limits, identified))
        }
        guard let name = identified.routed.route.limit else {
            return Admitted(identified: identified, spending: .nothing)
        }
        let limit = rules[name]
        // Who logs in is known when the form has been read: `admit(email:)`.
        if name == .login && limit.per == .email { return Admitted(identified: identified, spending: .nothing) }
        return Admitted(identified: identified, spending: try charge(limit, identified))
    }

    /// The second decision of every password door, to be asked when its form has been read: charges the login where
    /// `[limits] login` counts by e-mail.
    ///
    /// - Parameter email: in its normal form, so that two spellings share one count.
    /// - Returns: the request with all that it has spent.
    func admit(email: EmailAddress, _ request: consuming Authenticated) throws(Problem) -> Authenticated {
        let limit = rules[.login]
        guard limit.per == .email else { return request }
        let spending = try charge(limit, Caller(login: email, request.context))
        return request.charged(Admitted(identified: request.admitted.identified, spending: spending))
    }

    /// A login that no route of its own is for, such as a password at a protected location: charged as one on `/login`.
    func admitLogin(email: EmailAddress, _ context: RequestContext) throws(Problem) -> Spending {
        try charge(rules[.login], Caller(login: email, context))
    }

    /// Frees the places of a login that succeeded.
    func giveBack(_ spending: Spending) {
        for place in spending.places { table.giveBack(place) }
    }

    /// The limits that a location names; one that names none is never limited.
    private func charge(_ limits: [Limit], _ identified: Identified) throws(Problem) -> Spending {
        guard let first = limits.first else { return .nothing }
        return limits.count == 1 ? try charge(first, identified) : try charge(limits, Caller(identified))
    }

    // MARK: One limit

    /// A signed-in user under one rule is the usual request, and passes without an allocation.
    private func charge(_ limit: Limit, _ identified: Identified) throws(Problem) -> Spending {
        if let rule = limit.onlyRule, limit.isPerUser, case .user(let user, _) = identified.identity {
            let key = Key.user(high: user.id.high, low: user.id.low)
            return try charge(limit, rule, key, at: identified.routed.context.moment.boot)
        }
        return try charge(limit, Caller(identified))
    }

    private func charge(_ limit: Limit, _ caller: Caller) throws(Problem) -> Spending {
        guard let rule = limit.onlyRule, case .key(let key) = try count(caller, per: limit.per) else {
            return try charge([limit], caller)
        }
        return try charge(limit, rule, key, at: caller.context.moment.boot)
    }

    private func charge(_ limit: Limit, _ rule: Rule, _ key: Key, at now: UInt64) throws(Problem) -> Spending {
        switch table.decide(Charge(rule: rule, key: key, returnable: limit.isReturnable), at: now) {
        case .admitted(let standing, let place):
            return Spending(limit, [standing], places: limit.isReturnable ? [place] : [])
        case .refused(let standing, let retryAfter):
            throw refusal([limit], [standing], retryAfter: retryAfter, violated: [rule])
        case .unavailable: return try withoutTable([limit])
        }
    }

    /// What a limit counts; nil where the table would have to be asked for it and is away.
    private func count(_ caller: Caller, per subject: RateLimit.Subject) throws(Problem) -> Counted? {
        switch subject {
        case .user:
            // By user where there is one, else by address: a bad token never spends a user's budget.
            if let user = caller.user { return .key(.user(high: user.id.high, low: user.id.low)) }
        case .email:
            if let email = caller.email ?? caller.user?.email {
                return table.email(email.text.utf8).map { .key($0) }
            }
        case .parameter(let name):
            if let value = caller.context.request.parameter(name), !value.isEmpty {
                return table.parameter(value.utf8).map { .key($0) }
            }
        case .address: break
        }
        return try countAddress(caller)
    }

    private func countAddress(_ caller: Caller) throws(Problem) -> Counted {
        guard let key = Key(address: caller.address) else {
            // nginx always sends it; whoever does not must not become the one client without a limit.
            throw Problem(.badRequest, "no_address", "The web server did not pass the client's address.")
        }
        guard caller.address.utf8.contains(UInt8(ascii: ":")), let network = Key(network: caller.address) else {
            return .key(key)
        }
        return .address(key, around: network)
    }

    // MARK: Several limits

    private struct Planned {
        let limit: Limit
        let charges: [Charge]
    }

    /// Charges all limits that are in force together, or none of them; then each limit in dry run by itself.
    private func charge(_ limits: [Limit], _ caller: Caller) throws(Problem) -> Spending {
        let limits = limits.filter { !$0.isExempt(caller) }
        let now = caller.context.moment.boot
        let inForce = limits.filter { !$0.isDryRun }
        var spending = try enforce(inForce, plan(inForce, caller), at: now)
        for limit in limits where limit.isDryRun {
            // Whoever cannot be counted is not refused for it.
            guard let planned = try? plan([limit], caller)?.first else { continue }
            spending = spending.with(rehearse(planned, at: now))
        }
        return spending
    }

    /// nil: the table is away.
    private func plan(_ limits: [Limit], _ caller: Caller) throws(Problem) -> [Planned]? {
        var planned: [Planned] = []
        for limit in limits {
            guard let counted = try count(caller, per: limit.per) else { return nil }
            planned.append(Planned(limit: limit, charges: counted.charges(of: limit)))
        }
        return planned
    }

    private func enforce(_ limits: [Limit], _ planned: [Planned]?, at now: UInt64) throws(Problem) -> Spending {
        guard let first = limits.first else { return .nothing }
        guard let planned else { return try withoutTable(limits) }
        switch table.decide(planned.flatMap(\.charges), at: now) {
        case .admitted(let standings, let receipt):
            return Spending(first, others: Array(limits.dropFirst()), standings, places: receipt.places)
        case .refused(let standings, let retryAfter, let violated):
            throw refusal(limits, standings, retryAfter: retryAfter, violated: violated)
        case .unavailable: return try withoutTable(limits)
        }
    }

    /// Counts as the limit would, and says what it would have refused. Gives what a success gives back.
    private func rehearse(_ planned: Planned, at now: UInt64) -> [Receipt.Place] {
        switch table.decide(planned.charges, at: now) {
        case .admitted(_, let receipt): return receipt.places
        case .refused(_, _, let violated):
            planned.limit.totals.wouldRefuse.add(1, ordering: .relaxed)
            if let rule = violated.first { table.count(rule.number, .wouldRefuse) }
            return []
        case .unavailable: return []
        }
    }

    // MARK: Refusals

    /// Guesses must not become free because a table is lost; what is signed in may go on: `when_away` of each limit.
    private func withoutTable(_ limits: [Limit]) throws(Problem) -> Spending {
        let closed = limits.filter { $0.whenAway == .closed }
        guard let first = closed.first else {
            for limit in limits { limit.totals.letIn.add(1, ordering: .relaxed) }
            return .nothing
        }
        for limit in closed { limit.totals.turnedAway.add(1, ordering: .relaxed) }
        let message =
            first === rules[.login]
            ? "Logins are not possible at the moment. Try again shortly."
            : "The service cannot answer at the moment. Try again shortly."
        throw Problem(.serviceUnavailable, "unavailable", message, reason: "no_rate_table")
            .with(.retryAfter, HeaderValue(5))
    }

    private func refusal(
        _ limits: [Limit], _ standings: [Standing], retryAfter: UInt32, violated: [Rule]
    ) -> Problem {
        var names: [String] = []
        var first: String?
        for limit in limits {
            let rules = violated.filter(limit.owns)
            guard let rule = rules.first else { continue }
            first = first ?? limit.name
            names += rules.map(limit.name(of:))
            table.count(rule.number, .refused)
        }
        let spending = Spending(limits.first, others: Array(limits.dropFirst()), standings)
        return RateProblem.make(
            violated: names, retryAfter: Int(retryAfter), policy: spending.policy, state: spending.state,
            reason: "limit_\(first ?? limits[0].name)")
    }
}

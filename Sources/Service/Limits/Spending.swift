import HTTP
import RateWindows

/// What a request has spent of its rate limit, and how its key stands.
struct Spending: Sendable {
    /// nil: the route has no limit.
    let limit: RateRules.Named?
    let standings: [Standing]
    /// What a success gives back.
    let places: [Receipt.Place]

    /// After a success has given the places back.
    var returned: Spending {
        let standings = standings.map {
            Standing(
                rule: $0.rule, remaining: min($0.remaining + 1, $0.rule.limit), resetAfter: $0.resetAfter)
        }
        return Spending(limit: limit, standings: standings, places: [])
    }

    static let nothing = Spending(limit: nil, standings: [], places: [])

    /// Tells the client (draft-ietf-httpapi-ratelimit-headers-10).
    func addFields(to response: inout Response) {
        guard let limit else { return }
        response.add(.rateLimitPolicy, limit.policy)
        response.add(.rateLimit, limit.state(standings))
    }
}

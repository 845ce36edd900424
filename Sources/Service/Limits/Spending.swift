import HTTP
import RateWindows

/// What a request has spent of its rate limit, and how its key stands.
struct Spending: Sendable {
    /// nil: the route has no limit.
    let limit: RateRules.Named?
    let standings: [Standing]
    /// What a success gives back.
    let places: [Receipt.Place]

    static let nothing = Spending(limit: nil, standings: [], places: [])

    /// Tells the client (draft-ietf-httpapi-ratelimit-headers-10).
    func addFields(to response: inout Response) {
        guard let limit else { return }
        response.add(.rateLimitPolicy, limit.policy)
        response.add(.rateLimit, limit.state(standings))
    }
}

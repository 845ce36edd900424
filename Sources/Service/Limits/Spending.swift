import HTTP
import RateWindows
import System

/// What a request has spent of its rate limits, and how its keys stand.
struct Spending: Sendable {
    /// nil: the request has no limit, or is exempt, or is counted only for dry runs.
    let limit: Limit?
    /// The further limits of a request that has several.
    let others: [Limit]
    let standings: [Standing]
    /// What a success gives back.
    let places: [Receipt.Place]

    init(_ limit: Limit?, others: [Limit] = [], _ standings: [Standing], places: [Receipt.Place] = []) {
        self.limit = limit
        self.others = others
        self.standings = standings
        self.places = places
    }

    static let nothing = Spending(nil, [])

    /// After a success has given the places back.
    var returned: Spending {
        let standings = standings.map { standing in
            guard limit(of: standing.rule)?.isReturnable == true else { return standing }
            return Standing(
                rule: standing.rule, remaining: min(standing.remaining + 1, standing.rule.limit),
                resetAfter: standing.resetAfter)
        }
        return Spending(limit, others: others, standings)
    }

    /// The same with further places to give back.
    func with(_ more: [Receipt.Place]) -> Spending {
        more.isEmpty ? self : Spending(limit, others: others, standings, places: places + more)
    }

    /// Tells the client (draft-ietf-httpapi-ratelimit-headers-10): lists with an item for each rule that counted it.
    func addFields(to response: inout Response) {
        guard limit != nil else { return }
        response.add(.rateLimitPolicy, policy)
        response.add(.rateLimit, state)
    }

    var policy: HeaderValue {
        if let limit, others.isEmpty, !standings.contains(where: { LimitNumbers.isWide(rule: $0.rule.number) }) {
            return limit.policy
        }
        return list { limit, standing, text in limit.addPolicy(standing.rule, to: &text) }
    }

    var state: HeaderValue { list { limit, standing, text in limit.addState(standing, to: &text) } }

    private func list(_ add: (Limit, Standing, inout [UInt8]) -> Void) -> HeaderValue {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for standing in standings {
            guard let limit = limit(of: standing.rule) else { continue }
            if !text.isEmpty { text.append(text: ", ") }
            add(limit, standing, &text)
        }
        return HeaderValue(String(decoding: text, as: UTF8.self)) ?? HeaderValue("")
    }

    private func limit(of rule: Rule) -> Limit? {
        guard !others.isEmpty, let limit, !limit.owns(rule) else { return limit }
        return others.first { $0.owns(rule) }
    }
}

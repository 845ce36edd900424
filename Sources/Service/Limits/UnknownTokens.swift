import HTTP
import RateWindows

/// What bounds made-up service tokens. An access token that somebody thought up fails by its signature; of these only
/// MariaDB can tell, and before any limit of a route. So a network that has sent many is made to wait before the next
/// one is looked up. What a worker remembers is not looked up, and goes on.
struct UnknownTokens: Sendable {
    /// A program that goes on with a lost token does not shut its network out.
    private static let rate = RateLimit("300/minute", per: .address)
    private static let rules = rate.rules(number: LimitNumbers.unknownTokens)
    private static let wideRules = rate.wideRules(number: LimitNumbers.unknownTokens)

    let table: Table

    /// To be asked before a look-up.
    ///
    /// - Throws: 429 where the network has no place left.
    func admit(_ context: RequestContext) throws(Problem) {
        for charge in charges(context) {
            guard let standing = table.standing(of: charge.key, under: charge.rule, at: context.moment.boot),
                standing.remaining == 0
            else { continue }
            table.count(charge.rule.number, .refused)
            throw RateProblem.make(
                violated: ["unknown_service_tokens"],
                retryAfter: max(1, Int((standing.resetAfter + 999_999_999) / 1_000_000_000)),
                policy: HeaderValue(""), state: HeaderValue(""), reason: "unknown_service_tokens")
        }
    }

    /// To be called when there was none.
    func note(_ context: RequestContext) { _ = table.decide(charges(context), at: context.moment.boot) }

    /// None for a client without an address, which no client can bring about.
    private func charges(_ context: RequestContext) -> [Charge] {
        guard let origin = LoginOrigin(context.request.remoteAddress) else { return [] }
        let own = UnknownTokens.rules.map { Charge(rule: $0, key: origin.network) }
        guard let wide = origin.wide else { return own }
        return own + UnknownTokens.wideRules.map { Charge(rule: $0, key: wide) }
    }
}

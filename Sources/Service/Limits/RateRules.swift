import HTTP
import RateWindows

/// The rate limits of the settings as rules of the table, and as the fields that tell clients about them.
struct RateRules: Sendable {
    /// Shared by all requests, so passing it on costs nothing.
    final class Named: Sendable {
        let name: LimitName
        let rules: [Rule]
        let per: RateLimit.Subject
        /// A success gives its place back: logins.
        let isReturnable: Bool
        /// The value of RateLimit-Policy: the same in every answer.
        let policy: HeaderValue
        /// `"api"`, quoted; a limit with several windows has a name for each: `"api"`, `"api-2"`.
        private let labels: [String]

        init(_ name: LimitName, number: UInt32, _ limit: RateLimit, isReturnable: Bool) {
            self.name = name
            self.per = limit.per
            self.isReturnable = isReturnable
            // Rule numbers are part of the keys in the table, so they must never change their meaning: 16 for each
            // limit, one for each window of it.
            rules = limit.windows.enumerated().compactMap { index, rate in
                Rule(number: number * 16 + UInt32(index), limit: rate.limit, window: rate.window)
            }
            labels = rules.indices.map { $0 == 0 ? "\"\(name.rawValue)\"" : "\"\(name.rawValue)-\($0 + 1)\"" }
            let policies = zip(labels, rules).map { "\($0);q=\($1.limit);w=\($1.window / 1_000_000_000)" }
            policy = HeaderValue(policies.joined(separator: ", ")) ?? HeaderValue("")
        }

        /// The name of a rule without quotes, for `violated-policies`.
        func label(_ rule: Rule) -> String { String(quotedLabel(rule).dropFirst().dropLast()) }

        /// The value of RateLimit (draft-ietf-httpapi-ratelimit-headers-10 section 4).
        func state(_ standings: [Standing]) -> HeaderValue {
            var text = ""
            for standing in standings {
                if !text.isEmpty { text += ", " }
                text += quotedLabel(standing.rule)
                text += ";r="
                text += String(standing.remaining)
                text += ";t="
                // Rounded up: whoever waits that long finds what was promised.
                text += String((standing.resetAfter + 999_999_999) / 1_000_000_000)
            }
            return HeaderValue(text) ?? HeaderValue("")
        }

        private func quotedLabel(_ rule: Rule) -> String { labels[Int(rule.number % 16)] }
    }

    private let login: Named
    private let api: Named
    private let search: Named

    init(_ limits: Settings.Limits) {
        login = Named(.login, number: 1, limits.login, isReturnable: true)
        api = Named(.api, number: 2, limits.api, isReturnable: false)
        search = Named(.search, number: 3, limits.search, isReturnable: false)
    }

    subscript(name: LimitName) -> Named {
        switch name {
        case .login: login
        case .api: api
        case .search: search
        }
    }
}

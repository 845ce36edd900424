import RateWindows

/// The rate limits of the settings as rules of the table.
struct RateRules: Sendable {
    struct Named: Sendable {
        let name: LimitName
        let rules: [Rule]
        let per: RateLimit.Subject
        /// A success gives its place back: logins.
        let isReturnable: Bool
    }

    private let login: Named
    private let api: Named
    private let search: Named

    init(_ limits: Settings.Limits) {
        login = RateRules.named(.login, number: 1, limits.login, isReturnable: true)
        api = RateRules.named(.api, number: 2, limits.api)
        search = RateRules.named(.search, number: 3, limits.search)
    }

    subscript(name: LimitName) -> Named {
        switch name {
        case .login: login
        case .api: api
        case .search: search
        }
    }

    /// Rule numbers are part of the keys in the table, so they must never change their meaning: 16 for each limit,
    /// one for each window of it.
    private static func named(
        _ name: LimitName, number: UInt16, _ limit: RateLimit, isReturnable: Bool = false
    ) -> Named {
        let rules = limit.windows.enumerated().compactMap { index, rate in
            Rule(number: number * 16 + UInt16(index), limit: rate.limit, window: rate.window)
        }
        return Named(name: name, rules: rules, per: limit.per, isReturnable: isReturnable)
    }
}

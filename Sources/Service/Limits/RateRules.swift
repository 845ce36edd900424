/// The rate limits of the settings, ready to be charged.
struct RateRules: Sendable {
    private let login: Limit
    private let api: Limit
    private let search: Limit
    private let named: [String: Limit]

    init(_ limits: Settings.Limits) {
        login = Limit("login", number: LimitNumbers.login, limits.login, isReturnable: true)
        api = Limit("api", number: LimitNumbers.api, limits.api)
        search = Limit("search", number: LimitNumbers.search, limits.search)
        named = Dictionary(
            uniqueKeysWithValues: limits.named.map { name, limit in
                (name, Limit(name, number: LimitNumbers.number(of: name), limit))
            })
    }

    subscript(name: LimitName) -> Limit {
        switch name {
        case .login: login
        case .api: api
        case .search: search
        }
    }

    /// The limit that a location names. Not the one of logins: a location has no success that gives a place back.
    func forLocation(_ name: String) -> Limit? {
        switch name {
        case "api": api
        case "search": search
        default: named[name]
        }
    }

    /// What the journal tells of them.
    var counts: [Count] { ([login, api, search] + named.values).flatMap { $0.totals.counts(of: $0.name) } }
}

import Database

/// Where the accounts are stored, as the settings name it.
public struct DatabasePlace: Sendable {
    public var endpoint: Endpoint
    public var name: String
    public var user: String
    public var password: DatabasePassword?

    /// A server on this host: the system user and `user` are the same name, and no password is needed.
    public init(socket: String, name: String, user: String) {
        endpoint = .socket(path: socket)
        self.name = name
        self.user = user
    }

    /// A server elsewhere: TLS is always on, and its certificate must come from `authority` (a PEM file) and name `host`.
    /// Nil when the password holds a NUL.
    public init?(host: String, port: UInt16, authority: String, name: String, user: String, password: String) {
        guard let password = DatabasePassword(password) else { return nil }
        endpoint = .host(name: host, port: port, authority: authority)
        self.name = name
        self.user = user
        self.password = password
    }

    func settings(_ timeouts: Timeouts = Timeouts()) -> ConnectionSettings {
        ConnectionSettings(
            endpoint: endpoint, user: user, password: password, database: name, timeouts: timeouts)
    }
}

/// What the service hears of its database, once for each change, from any thread.
public enum DatabaseEvent: Sendable, Equatable {
    /// The breaker has opened.
    case away(code: Int, reason: String, cure: String?)
    case back(after: Duration)
}

/// The stores, on one pool of connections. Nothing is connected before the first use.
public final class AccountsDatabase: Sendable {
    public let users: UserStore
    public let photos: PhotoStore
    public let networks: NetworkStore
    public let loginEvents: LoginEventStore
    public let bans: BanStore
    public let serviceTokens: ServiceTokenStore
    let pool: Pool

    /// Make it before threads are started. `connections` at most; `onChange` is called with no lock held.
    public init(
        _ place: DatabasePlace, connections: Int = 4,
        onChange: @escaping @Sendable (DatabaseEvent) -> Void = { _ in }
    ) {
        pool = Pool(place.settings(), size: connections) { event in
            switch event {
            case .away(let error): onChange(.away(code: error.code, reason: "\(error)", cure: error.cure))
            case .back(let duration): onChange(.back(after: duration))
            }
        }
        users = UserStore(pool)
        photos = PhotoStore(pool)
        networks = NetworkStore(pool)
        loginEvents = LoginEventStore(pool)
        bans = BanStore(pool)
        serviceTokens = ServiceTokenStore(pool)
    }

    /// True while every question would be refused at once: answer from the cache, or 503.
    public var isAway: Bool { pool.isOpen }

    /// Asks for a sign of life and the schema: what readiness needs, in one question.
    public func schema() throws(AccountsError) -> SchemaState { try SchemaState.of(pool) }

    public var statistics: PoolStatistics { pool.statistics }
}

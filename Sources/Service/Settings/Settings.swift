import HTTP

/// What the sysadmin decided, read once and never changed: a reload makes new settings.
///
/// The defaults stand here and nowhere else; `SettingKeys.all` gives each its name and comment.
public struct Settings: Sendable {
    public struct Site: Sendable {
        public var issuer = ""
        public var audience = ""
        public var corsOrigins: [String] = []
    }

    public struct Service: Sendable {
        public var user = "_postern"
        public var peerSecretFile = ""
        public var socket = ""
        public var socketMode = 0o660
        public var socketGroup = "www-data"
        public var fastThreads = 0
        public var hashThreads = 0
        public var hashQueue = 32
        public var hashDeadline = 5
        public var bodyLimit = 16_384
        public var ratesFile = "/run/postern/rates"
        public var ratesCapacity = 65_536
    }

    public struct Database: Sendable {
        public var socket = "/run/mysqld/mysqld.sock"
        public var name = "postern"
        public var server = ""
        public var user = ""
        public var passwordFile = ""
        public var tlsCA = "/etc/ssl/certs/ca-certificates.crt"
        public var connections = 8
    }

    public struct Keys: Sendable {
        public var file = "/etc/postern/keys.jwks"
        public var keepPrevious = true
    }

    public struct Tokens: Sendable {
        public var accessLife = 1800
        public var leeway = 5
        public var userCache = 5
        public var realmName = "postern"
        /// Midnight UTC of the date, s since 1970; nil: off.
        public var migrationUntil: Date?
    }

    public struct Passwords: Sendable {
        public var minLength = 15
        public var refuseCommon = true
        public var bcryptCost = 12
    }

    /// Failed logins; good ones do not count.
    public struct Login: Sendable {
        public var perUserAndNetwork = RateLimit("10/hour", per: .user, whenAway: .closed)
        public var perUserElsewhere = RateLimit("20/hour", per: .user, whenAway: .closed)
        public var perNetwork = RateLimit("50/hour", per: .address, whenAway: .closed)
        /// s
        public var pauses = [2, 4, 8, 15]
        /// s; 0: none
        public var ban = 3600
        public var exempt: [Network] = []
        public var whenAway = WhenAway.closed
        /// s
        public var keepEvents = 30 * 86_400
        public var keepEventRows = 100_000
    }

    public struct Limits: Sendable {
        public var login = RateLimit("20/minute", per: .address, whenAway: .closed)
        public var api = RateLimit("20/minute", per: .user)
        public var search = RateLimit("5/10s", per: .address)
        /// Those that the sysadmin named, for locations.
        public var named: [String: RateLimit] = [:]

        /// All of them by name, Postern's own first.
        public var all: [(name: String, limit: RateLimit)] {
            [("login", login), ("api", api), ("search", search)]
                + named.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }

        /// The FastCGI parameters that any of them counts by.
        public var parameters: Set<ParameterName> {
            Set(all.compactMap { if case .parameter(let name) = $0.limit.per { name } else { nil } })
        }
    }

    public struct Gate: Sendable {
        public var basic = false
        /// s
        public var basicCache = 10
    }

    public struct Log: Sendable {
        public var level = "notice"
        public var user = "id"
    }

    public struct Monitor: Sendable {
        public var allow = [Network("127.0.0.0/8"), Network("::1")].compactMap { $0 }
    }

    public struct Photos: Sendable {
        public var enabled = false
    }

    public var site = Site()
    public var service = Service()
    public var database = Database()
    public var keys = Keys()
    public var tokens = Tokens()
    public var passwords = Passwords()
    public var login = Login()
    public var limits = Limits()
    public var gate = Gate()
    public var log = Log()
    public var monitor = Monitor()
    public var photos = Photos()

    public init() {}

    /// The audience of every token: the issuer where none is named.
    public var audience: String { site.audience.isEmpty ? site.issuer : site.audience }
}

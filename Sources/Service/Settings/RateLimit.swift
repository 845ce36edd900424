import Accounts
import HTTP
import RateWindows

/// A rate limit as the sysadmin wrote it, and what it means.
public struct RateLimit: Sendable, Equatable {
    /// Whom it counts.
    public enum Subject: Sendable, Equatable, CustomStringConvertible {
        /// The signed-in user; who is not signed in is counted by address.
        case user
        /// The IPv4 address, or the IPv6 /64 and, eight times as high, the /48.
        case address
        /// The e-mail of a login, of a signed-in user, else the address.
        case email
        /// The value of a FastCGI parameter that nginx sets; without one the address.
        case parameter(ParameterName)

        /// As the settings have it: "user", "parameter:NAME".
        public var description: String {
            switch self {
            case .user: "user"
            case .address: "address"
            case .email: "email"
            case .parameter(let name): "parameter:" + name.text
            }
        }
    }

    /// "20/minute" or "1000/hour; 20/second"
    public let text: String
    public let windows: [Rate]
    public var per: Subject
    /// Nobody is refused; who would be is counted.
    public var isDryRun = false
    /// What becomes of a request while the rate table cannot be used.
    public var whenAway = WhenAway.open
    public var exempt = Exemptions()

    public init(parsing text: String, per: Subject) throws(RuleError) {
        self.text = text
        self.windows = try RuleText.parse(text)
        self.per = per
    }

    /// For the defaults, which a test reads: a wrong one has no window and refuses nothing.
    init(_ text: StaticString, per: Subject, whenAway: WhenAway = .open) {
        self.text = "\(text)"
        self.windows = (try? RuleText.parse("\(text)")) ?? []
        self.per = per
        self.whenAway = whenAway
    }
}

/// What becomes of a request while nothing can be counted: let in, or refused with 503.
public enum WhenAway: String, Sendable, CaseIterable {
    case open
    case closed
}

/// Whom a limit does not count.
public struct Exemptions: Sendable, Equatable {
    public var networks: [Network] = []
    public var users: [UserID] = []
    public var emails: [EmailAddress] = []

    public init() {}

    public var isEmpty: Bool { networks.isEmpty && users.isEmpty && emails.isEmpty }
    var namesUsers: Bool { !users.isEmpty || !emails.isEmpty }

    /// As they stand in the settings.
    public var texts: [String] {
        networks.map(\.description) + users.map(\.description) + emails.map(\.text)
    }
}

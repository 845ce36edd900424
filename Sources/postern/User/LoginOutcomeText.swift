import Accounts
import Service

/// What became of a login, in words.
struct LoginOutcomeText {
    let event: LoginEvent
    let user: User?
    /// Of a user's own list: whether the network is one that the user has logged in from.
    let isKnownNetwork: Bool

    init(_ event: LoginEvent, user: User?, isKnownNetwork: Bool = false) {
        self.event = event
        self.user = user
        self.isKnownNetwork = isKnownNetwork
    }

    /// For a list of all users.
    var overview: [String] {
        let who = user?.email.text ?? event.user?.description ?? "nobody's e-mail"
        return [time, "login.\(event.outcome.rawValue)", event.reason, who, event.address]
    }

    var time: String { Timestamp.text(event.at / 1000) }

    /// "blocked: too many wrong passwords from other networks"
    var words: String { event.outcome.rawValue + (event.reason.isEmpty ? "" : ": \(reason)") }

    private var reason: String {
        switch event.reason {
        case "wrong_password": "wrong password"
        case "unknown_email": "the e-mail is nobody's"
        case "inactive_user": "the user is disabled"
        case "banned": "this network is banned for too many failed logins"
        case "banned_by_hand": "banned by hand"
        case "paused": "too soon after a wrong password"
        case "network_budget": "too many wrong passwords from this network"
        case "user_budget" where isKnownNetwork: "too many wrong passwords of this user from this network"
        case "user_budget": "too many wrong passwords from other networks"
        case "repeated_password": "the same wrong password again"
        default: event.reason.replacing("_", with: " ")
        }
    }

    var json: JSON {
        .object([
            ("at", .text(time)), ("outcome", .text(event.outcome.rawValue)), ("reason", .text(event.reason)),
            ("user", JSON(event.user?.description)), ("email", JSON(user?.email.text)),
            ("address", .text(event.address)), ("door", .text(event.door)), ("trace", .text(event.trace)),
        ])
    }
}

import Accounts
import RateWindows

/// Whom a request comes from, as far as limits can count it.
struct Caller: Sendable {
    /// Signed in, with a credential that was checked.
    let user: User?
    /// Of a login's form.
    let email: EmailAddress?
    let context: RequestContext

    init(_ identified: Identified) {
        if case .user(let user, _) = identified.identity { self.user = user } else { user = nil }
        email = nil
        context = identified.routed.context
    }

    init(login email: EmailAddress, _ context: RequestContext) {
        user = nil
        self.email = email
        self.context = context
    }

    var address: String { context.request.remoteAddress }
}

/// What a limit charges for a caller: one key, or an IPv6 address and the network around it.
enum Counted: Sendable {
    case key(Key)
    case address(Key, around: Key)

    func charges(of limit: Limit) -> [Charge] {
        func charges(_ rules: [Rule], _ key: Key) -> [Charge] {
            rules.map { Charge(rule: $0, key: key, returnable: limit.isReturnable) }
        }
        switch self {
        case .key(let key): return charges(limit.rules, key)
        case .address(let key, let network): return charges(limit.rules, key) + charges(limit.wideRules, network)
        }
    }
}

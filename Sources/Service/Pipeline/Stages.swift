import Accounts
import HTTP
import Tokens

// Each stage holds the one before it, and only the stage functions in this folder make one (their initialisers are
// not public, and the functions stand beside them): a handler cannot run on a request that was not admitted.

/// A request with its route.
struct Routed: Sendable {
    let context: RequestContext
    let route: Route
}

/// Who a request comes from, as far as its credential tells.
enum Identity: Sendable {
    case user(User, Claims)
    case nobody(Absence)
}

/// Why a request has no user.
enum Absence: Sendable, Equatable {
    case noCredential
    /// A credential was sent and refused; the reason is for the journal only.
    case refused(reason: String)
}

/// A request whose credential, if any, has been looked at.
struct Identified: Sendable {
    let routed: Routed
    let identity: Identity
}

/// A request that every rate limit of its route has let through.
struct Admitted: Sendable {
    let identified: Identified
    let spending: Spending
}

/// A request that may use its route.
struct Authenticated: Sendable {
    let admitted: Admitted

    var context: RequestContext { admitted.identified.routed.context }
    var request: Request { context.request }

    /// The user; a route with `Access.user` always has one.
    var user: User? {
        if case .user(let user, _) = admitted.identified.identity { return user }
        return nil
    }
}

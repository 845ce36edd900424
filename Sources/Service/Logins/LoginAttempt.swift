import Accounts
import System

/// The door that a password came in by; stands in the events.
enum LoginDoor: String, Sendable {
    case login
    case token
    /// A protected location, with `Authorization: Basic`.
    case basic
}

/// A password that somebody sent, with all that is known before the user is looked up.
struct LoginAttempt: Sendable {
    let form: LoginForm
    let origin: LoginOrigin
    let door: LoginDoor
    let context: RequestContext
    /// What the request has spent of `limits.login`.
    let spending: Spending
    /// On CLOCK_BOOTTIME, ns: work that has not begun by then is not done.
    let deadline: UInt64

    var moment: Moment { context.moment }

    /// For what happens after the hash: a reading of its own, since the hash may have waited for seconds. Never before
    /// the request's.
    var now: UInt64 { max(Moment.now().boot, moment.boot) }
}

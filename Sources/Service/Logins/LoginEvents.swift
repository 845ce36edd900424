import Accounts
import System

/// What became of a password: a line in the journal, a row for `postern user show`, a count for `postern status`.
struct LoginEvents: Sendable {
    let log: EventLog
    let recorder: LoginRecorder
    let lines: BlockedLines
    let counts: LoginCounts
    let userForm: UserForm

    func ok(_ attempt: LoginAttempt, _ user: User) {
        counts.note(.ok)
        log.notice(event("login.ok", attempt, user))
        record(.ok, attempt, user, "")
    }

    /// - Parameter left: guesses that the tightest budget still has; nil where none was charged.
    func failed(_ attempt: LoginAttempt, _ user: User?, reason: String, left: UInt32?) {
        counts.note(.failed)
        log.notice(event("login.failed", attempt, user, reason: reason, left: left))
        record(.failed, attempt, user, reason)
    }

    func blocked(_ attempt: LoginAttempt, _ user: User?, _ reason: BlockReason) {
        counts.note(.blocked)
        tellLeftOut(at: attempt.moment)
        guard lines.mayTell(at: attempt.moment.boot) else { return }
        log.notice(event("login.blocked", attempt, user, reason: reason.rawValue))
        record(.blocked, attempt, user, reason.rawValue)
    }

    /// Not looked at, for want of room, and the client is told so.
    func busy() { counts.note(.busy) }

    /// What was left out of the journal in a second that is over.
    func tellLeftOut(at moment: Moment) {
        LoginEvents.tell(lines.leftOut(at: moment.boot), to: log)
    }

    static func tell(_ leftOut: Int, to log: EventLog) {
        if leftOut > 0 { log.notice(Event("login.blocked_more").with("count", leftOut)) }
    }

    func event(
        _ name: StaticString, _ attempt: LoginAttempt, _ user: User?, reason: String? = nil, left: UInt32? = nil
    ) -> Event {
        Event(name)
            .with("reason", reason)
            .with("user", user.flatMap { userForm.text($0) })
            .with("addr", attempt.origin.text)
            .with("door", attempt.door.rawValue)
            .with("left", left.map(String.init))
            .with("trace", attempt.context.trace)
    }

    private func record(_ outcome: LoginOutcome, _ attempt: LoginAttempt, _ user: User?, _ reason: String) {
        recorder.add(
            LoginEvent(
                at: WallClock.milliseconds, outcome: outcome, reason: reason, user: user?.id,
                address: attempt.origin.text, door: attempt.door.rawValue, trace: attempt.context.trace))
    }
}

/// How events name a user: `[log] user`.
enum UserForm: String, Sendable {
    case id
    case email
    case none

    func text(_ user: User) -> String? {
        switch self {
        case .id: user.idText
        case .email: user.email.text
        case .none: nil
        }
    }
}

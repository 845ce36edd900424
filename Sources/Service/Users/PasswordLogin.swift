import Accounts
import Cryptography
import HTTP
import RateWindows
import System
import Tokens

/// A login with a password, the same behind every door: look up, hash on the hash lane, give a token.
struct PasswordLogin: Sendable {
    /// Where the password came in; stands in the events.
    enum Door: String, Sendable {
        case login
        case token
    }

    enum Failure: Error, Sendable {
        /// Wrong password, unknown e-mail, inactive user: the client is never told which.
        case refused
        case problem(Problem)
    }

    typealias Done = @Sendable (Result<Issuer.Token, Failure>) -> Void

    let store: UserStore
    let hashes: Lane
    let issuer: Issuer
    let keys: KeySource
    let admission: Admission
    let faults: DatabaseFaults
    let events: EventLog
    let userForm: UserForm
    let bcryptCost: Int
    /// s
    let deadline: Int

    /// Queues the login; `done` is called once, on a thread of the hash lane or at once when there is no room.
    func start(_ form: LoginForm, _ request: Authenticated, door: Door, _ done: @escaping Done) {
        let attempt = Attempt(
            form: form, context: request.context, spending: request.admitted.spending, door: door)
        let job = Lane.Job(
            deadline: request.context.moment.adding(milliseconds: deadline * 1000).boot,
            run: { done(check(attempt)) },
            expired: { done(unanswered(attempt, PasswordLogin.busy)) })
        if !hashes.submit(job) { done(unanswered(attempt, PasswordLogin.busy)) }
    }

    private struct Attempt: Sendable {
        let form: LoginForm
        let context: RequestContext
        let spending: Spending
        let door: Door
    }

    private static let busy = Problems.unavailable(reason: "logins_busy", retryAfter: 2)

    private func check(_ attempt: Attempt) -> Result<Issuer.Token, Failure> {
        let stored: Credentials?
        do throws(AccountsError) {
            stored = try store.credentials(
                email: attempt.form.email, network: Key(address: attempt.context.request.remoteAddress)?.text ?? "")
        } catch {
            return unanswered(attempt, faults.problem(error))
        }
        let verdict = PasswordHash.check(
            attempt.form.password, against: stored?.passwordHash, todaysCost: bcryptCost,
            mayPass: stored?.user.isActive ?? false)
        events.info(
            Event("hash.done").with("total", PasswordHash.workDone).with("trace", attempt.context.trace))
        guard verdict == .match, let stored else {
            events.notice(failure(attempt, stored, verdict))
            return .failure(.refused)
        }
        return succeed(attempt, stored)
    }

    /// No password was looked at, so no guess was made: the place goes back, or an office stays locked out after
    /// MariaDB has returned.
    private func unanswered(_ attempt: Attempt, _ problem: Problem) -> Result<Issuer.Token, Failure> {
        admission.giveBack(attempt.spending)
        return .failure(.problem(problem))
    }

    private func succeed(_ attempt: Attempt, _ stored: Credentials) -> Result<Issuer.Token, Failure> {
        let token: Issuer.Token
        let user = Issuer.User(
            id: stored.user.id.description, email: stored.user.email.text,
            version: Int64(stored.user.tokenVersion), scopes: stored.user.scopes)
        do throws(Issuer.Failure) {
            token = try issuer.issue(to: user, with: keys.ring, at: .now())
        } catch {
            events.error(
                Event("token.failed").with("reason", PasswordLogin.reason(error)).with("trace", attempt.context.trace))
            return unanswered(attempt, Problems.unavailable(reason: "cannot_sign"))
        }
        admission.giveBack(attempt.spending)
        renewHash(attempt, stored)
        events.notice(event("login.ok", attempt, stored.user))
        return .success(token)
    }

    private static func reason(_ failure: Issuer.Failure) -> String {
        switch failure {
        case .noSigningKey: "no_signing_key"
        case .cryptography(let error): "\(error)"
        }
    }

    /// A hash weaker than today's setting is replaced; a write that fails must not fail the login.
    private func renewHash(_ attempt: Attempt, _ stored: Credentials) {
        // A yescrypt hash may stand for a password that bcrypt would not take whole: it stays as it is.
        guard PasswordHash.needsRehash(stored.passwordHash, cost: bcryptCost),
            attempt.form.password.count <= PasswordHash.bcryptLimit
        else { return }
        do {
            let hash = try PasswordHash.bcrypt(attempt.form.password, cost: bcryptCost)
            // False: the password was changed meanwhile, and its new hash is the right one.
            guard try store.replaceHash(of: stored.user.id, old: stored.passwordHash, new: hash) else { return }
            events.notice(event("hash.renewed", attempt, stored.user).with("cost", bcryptCost))
        } catch {
            events.warning(event("hash.kept", attempt, stored.user).with("reason", "\(error)"))
        }
    }

    private func failure(_ attempt: Attempt, _ stored: Credentials?, _ verdict: Verdict) -> Event {
        let reason: String
        if case .unusable(let fault) = verdict {
            reason = fault.rawValue
        } else if let stored {
            reason = stored.user.isActive ? "wrong_password" : "inactive_user"
        } else {
            reason = "unknown_email"
        }
        return event("login.failed", attempt, stored?.user).with("reason", reason)
    }

    private func event(_ name: StaticString, _ attempt: Attempt, _ user: User?) -> Event {
        Event(name)
            .with("user", user.flatMap { userForm.text($0) })
            .with("addr", attempt.context.request.remoteAddress)
            .with("door", attempt.door.rawValue)
            .with("trace", attempt.context.trace)
    }
}

/// How events name a user: `[log] user`.
enum UserForm: String, Sendable {
    case id
    case email
    case none

    func text(_ user: User) -> String? {
        switch self {
        case .id: user.id.description
        case .email: user.email.text
        case .none: nil
        }
    }
}

import Accounts
import Cryptography
import HTTP
import System

/// A login with a password, the same behind every door, in small steps on two lanes:
///
///     look up (`logins`) -> guard (`logins`) -> hash (`hashes`) -> settle
///
/// What the user gets for it, a token or a way in, is the door's matter.
/// What the guard blocks is answered like a wrong password, at the time of one (`Parking`).
struct PasswordLogin: Sendable {
    enum Failure: Error, Sendable {
        /// Wrong password, unknown e-mail, inactive user, a guess too many: the client is never told which.
        case refused
        case problem(Problem)
    }

    /// The user as stored when the password was looked at.
    typealias Done = @Sendable (Result<User, Failure>) -> Void

    let store: UserStore
    let protection: LoginGuard
    let logins: Lane
    let hashes: Lane
    let hashPlace: HashPlace
    let parking: Parking
    let recorder: LoginRecorder
    let admission: Admission
    let faults: DatabaseFaults
    let log: EventLog
    let events: LoginEvents
    let bcryptCost: Int
    /// s
    let deadline: Int

    /// Queues the login; `done` is called once, on another thread, or at once when there is no room.
    ///
    /// - Parameter spending: what the request was charged of `[limits] login`; given back unless a password was wrong.
    func start(
        _ form: LoginForm, _ context: RequestContext, _ spending: Spending, door: LoginDoor, _ done: @escaping Done
    ) {
        guard let origin = LoginOrigin(context.request.remoteAddress) else {
            return done(.failure(.problem(LoginProblems.noAddress)))
        }
        let attempt = LoginAttempt(
            form: form, origin: origin, door: door, context: context, spending: spending,
            deadline: context.moment.adding(milliseconds: deadline * 1000).boot)
        queue(attempt, on: logins, run: { begin(attempt, done) }, busy: { busy(attempt, done) })
    }

    private func queue(
        _ attempt: LoginAttempt, on lane: Lane, run: @escaping @Sendable () -> Void,
        busy: @escaping @Sendable () -> Void
    ) {
        if !lane.submit(Lane.Job(deadline: attempt.deadline, run: run, expired: busy)) { busy() }
    }

    // MARK: On the logins lane

    private func begin(_ attempt: LoginAttempt, _ done: @escaping Done) {
        var stored: Credentials?
        do throws(LoginObstacle) {
            try readBans(attempt)
            try protection.look(at: attempt.origin, attempt.moment)
            stored = try lookUp(attempt)
            let guess = Guess(attempt: attempt, stored: stored, reservation: try protection.reserve(attempt, stored))
            queue(
                attempt, on: hashes, run: { hash(guess, done) },
                busy: {
                    protection.giveBack(guess.reservation)
                    busy(attempt, done)
                })
        } catch {
            turnAway(attempt, stored?.user, error, done)
        }
    }

    private func readBans(_ attempt: LoginAttempt) throws(LoginObstacle) {
        do throws(AccountsError) {
            try protection.bans.refresh(at: attempt.moment)
        } catch {
            throw .database(error)
        }
    }

    private func lookUp(_ attempt: LoginAttempt) throws(LoginObstacle) -> Credentials? {
        do throws(AccountsError) {
            return try store.credentials(email: attempt.form.email, network: attempt.origin.network.text)
        } catch {
            throw .database(error)
        }
    }

    private func turnAway(_ attempt: LoginAttempt, _ user: User?, _ obstacle: LoginObstacle, _ done: @escaping Done) {
        switch obstacle {
        case .blocked(let reason):
            events.blocked(attempt, user, reason)
            // Where a guess that is looked at would be told to come later, this one is as well.
            guard let wait = hashes.foreseenWait(before: attempt.deadline),
                parking.hold(after: wait, bcryptCost: bcryptCost, { done(.failure(.refused)) })
            else { return busy(attempt, done) }
        case .tableAway: done(unanswered(attempt, LoginProblems.noTable))
        case .database(let error): done(unanswered(attempt, faults.problem(error)))
        }
    }

    private func busy(_ attempt: LoginAttempt, _ done: Done) {
        events.busy()
        done(unanswered(attempt, LoginProblems.busy))
    }

    /// No password was looked at, so no guess was made: the place goes back, or an office stays locked out after
    /// MariaDB has returned.
    private func unanswered(_ attempt: LoginAttempt, _ problem: Problem) -> Result<User, Failure> {
        admission.giveBack(attempt.spending)
        return .failure(.problem(problem))
    }

    // MARK: On the hash lane

    /// What the guard has let through.
    struct Guess: Sendable {
        let attempt: LoginAttempt
        let stored: Credentials?
        let reservation: LoginGuard.Reservation?
    }

    private func hash(_ guess: Guess, _ done: Done) {
        let begin = Moment.now().boot
        let verdict = PasswordHash.check(
            guess.attempt.form.password, against: guess.stored?.passwordHash, todaysCost: bcryptCost,
            mayPass: guess.stored?.user.isActive ?? false, in: hashPlace)
        log.info(
            Event("hash.done").with("total", PasswordHash.workDone).with("trace", guess.attempt.context.trace))
        guard verdict == .match, let stored = guess.stored else { return fail(guess, verdict, since: begin, done) }
        succeed(guess, stored)
        done(.success(stored.user))
    }

    private func fail(_ guess: Guess, _ verdict: Verdict, since begin: UInt64, _ done: Done) {
        protection.failed(guess.attempt, guess.reservation, isSure: verdict == .mismatch)
        events.failed(
            guess.attempt, guess.stored?.user, reason: PasswordLogin.reason(guess, verdict),
            left: guess.reservation?.left)
        parking.noteFailure(Moment.now().boot - begin)
        done(.failure(.refused))
    }

    private static func reason(_ guess: Guess, _ verdict: Verdict) -> String {
        if case .unusable(let fault) = verdict { return fault.rawValue }
        guard let stored = guess.stored else { return "unknown_email" }
        return stored.user.isActive ? "wrong_password" : "inactive_user"
    }
}

import Accounts
import Cryptography

/// The last step: what a good login leaves behind.
extension PasswordLogin {
    func succeed(_ guess: Guess, _ stored: Credentials) {
        let attempt = guess.attempt
        protection.succeeded(guess.reservation)
        admission.giveBack(attempt.spending)
        renewHash(attempt, stored)
        recorder.note(stored.user.id, from: attempt.origin.network.text)
        events.ok(attempt, stored.user)
    }

    /// A hash weaker than today's setting is replaced; a write that fails must not fail the login.
    private func renewHash(_ attempt: LoginAttempt, _ stored: Credentials) {
        // A yescrypt hash may stand for a password that bcrypt would not take whole: it stays as it is.
        guard PasswordHash.needsRehash(stored.passwordHash, cost: bcryptCost),
            attempt.form.password.count <= PasswordHash.bcryptLimit
        else { return }
        do {
            let hash = try PasswordHash.bcrypt(attempt.form.password, cost: bcryptCost, in: hashPlace)
            // False: the password was changed meanwhile, and its new hash is the right one.
            guard try store.replaceHash(of: stored.user.id, old: stored.passwordHash, new: hash) else { return }
            log.notice(events.event("hash.renewed", attempt, stored.user).with("cost", bcryptCost))
        } catch {
            log.warning(events.event("hash.kept", attempt, stored.user).with("reason", "\(error)"))
        }
    }
}

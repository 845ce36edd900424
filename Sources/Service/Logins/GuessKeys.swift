import Accounts
import Cryptography
import RateWindows

/// The keys under which one guess leaves its marks in the rate table.
struct GuessKeys: Sendable {
    /// The e-mail from this network. By e-mail and not by user, so that an e-mail that is nobody's has its pauses too.
    let pause: Key
    /// This password at this e-mail, compared with the hash that is stored now: after a change of the password, or of
    /// whether the user may log in, it is another key, and no right password is refused for having been wrong.
    let wrong: Key
    /// The same where nobody compared anything.
    let unchecked: Key

    /// nil while there is no table.
    init?(_ table: Table, _ attempt: LoginAttempt, _ stored: Credentials?) {
        let email = attempt.form.email.text.utf8
        var password: [UInt8] = []
        password.reserveCapacity(attempt.form.password.count)
        attempt.form.password.withBytes { for index in $0.indices { password.append($0[index]) } }
        defer { wipe(&password) }
        var compared: [UInt8] = []
        if let stored { compared = Array(stored.passwordHash.utf8) + [stored.user.isActive ? 1 : 0] }
        guard let name = table.email(email), let pause = table.pair(name, attempt.origin.network),
            let wrong = table.guess(email: email, password: password, storedHash: compared),
            let unchecked = table.guess(email: email, password: password, storedHash: compared + [2])
        else { return nil }
        self.pause = pause
        self.wrong = wrong
        self.unchecked = unchecked
    }
}

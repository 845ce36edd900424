import Accounts
import System

/// Why a user who is signed in does not meet a requirement.
enum Unmet: Sendable, Equatable {
    /// What no new login of this user mends; the word is for the journal.
    case forbidden(word: String)
    /// The token was not given what it takes, or the user does not have it.
    case scope(word: String)
    /// The login is too old: a new one mends it.
    case tooOld(maxAge: Int)
}

extension Requirement {
    /// nil: all of it is met.
    ///
    /// What cannot be mended is looked at first, so that nobody logs in again only to be refused after it.
    func unmet(by user: User, _ proof: Proof, at moment: Moment) -> Unmet? {
        if !conditions.isEmpty {
            let scopes = proof.scopes(of: user)
            let failed = conditions.filter { !$0.holds(for: user, scopes: scopes) }
            if let condition = failed.first(where: { $0.wantedScopes.isEmpty }) {
                return .forbidden(word: condition.wordWithoutEmails)
            }
            if let condition = failed.first { return .scope(word: condition.wordWithoutEmails) }
        }
        guard let maxAge else { return nil }
        guard let login = proof.authenticatedAt, login >= moment.wall - Int64(maxAge) else {
            return .tooOld(maxAge: maxAge)
        }
        return nil
    }
}

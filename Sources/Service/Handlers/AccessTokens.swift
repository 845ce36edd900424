import Accounts
import HTTP
import Tokens

/// Signs the access token of a user whose password was right.
struct AccessTokens: Sendable {
    let issuer: Issuer
    let keys: KeySource
    let events: EventLog

    /// - Throws: 503 while no key signs; the journal says why.
    func issue(to user: User, _ context: RequestContext) throws(Problem) -> Issuer.Token {
        let named = Issuer.User(
            id: user.idText, email: user.email.text, version: Int64(user.tokenVersion), scopes: user.scopes)
        do throws(Issuer.Failure) {
            return try issuer.issue(to: named, with: keys.ring, at: .now())
        } catch {
            events.error(
                Event("token.failed").with("reason", AccessTokens.reason(error)).with("trace", context.trace))
        }
        throw Problems.unavailable(reason: "cannot_sign")
    }

    private static func reason(_ failure: Issuer.Failure) -> String {
        switch failure {
        case .noSigningKey: "no_signing_key"
        case .cryptography(let error): "\(error)"
        }
    }
}

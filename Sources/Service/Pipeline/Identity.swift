import Accounts
import HTTP

/// Who a request comes from, as far as its credential tells.
enum Identity: Sendable {
    case user(User, Proof)
    case nobody(Absence)
}

/// Why a request has no user.
enum Absence: Sendable, Equatable {
    case noCredential
    /// More than one Authorization field: nobody can tell which one counts.
    case repeatedCredential
    /// A credential was sent and refused; the reason is for the journal only.
    case refused(reason: String)
    /// E-mail and password were sent (RFC 7617) and refused; the reason is for the journal only.
    case wrongPassword(reason: String)
}

/// What a credential says of who asks.
enum IdentityStep: Sendable {
    typealias Found = @Sendable (Result<Identity, Problem>) -> Void

    case known(Identity)
    /// It must be waited for: call this, and it answers once, on another thread or at once.
    case pending(@Sendable (@escaping Found) -> Void)

    func whenKnown(_ found: @escaping Found) {
        switch self {
        case .known(let identity): found(.success(identity))
        case .pending(let start): start(found)
        }
    }
}

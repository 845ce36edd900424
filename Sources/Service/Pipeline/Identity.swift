import Accounts

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
    /// E-mail and password were sent (RFC 7617) and refused.
    case wrongPassword
}

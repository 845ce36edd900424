/// What a checked access token says. Times are seconds since 1970.
///
/// A class, and never changed: it is handed on with every request that brings the token.
public final class Claims: Sendable {
    /// Whom the token names. The stored user decides whether that person exists and is active.
    public enum Subject: Sendable, Equatable {
        /// `client_id`, and the e-mail that the stored user must have.
        case user(id: String, email: String)
        /// A token of the service that Postern replaces, which names its user by e-mail alone.
        case email(String)
    }

    public let subject: Subject
    /// `ver`: the stored user's token version must be the same.
    public let version: Int64
    public let expires: Int64
    public let issued: Int64?
    public let tokenID: String?
    /// `scope` as it stands, words with a space between (RFC 8693 section 4.2).
    public let scope: String
    /// The `kid` of the key that verified the token.
    public let keyID: String
    /// Accepted by the setting `[tokens.migration]` only.
    public let isMigration: Bool

    init(
        subject: Subject, version: Int64, expires: Int64, issued: Int64?, tokenID: String? = nil, scope: String,
        keyID: String, isMigration: Bool
    ) {
        self.subject = subject
        self.version = version
        self.expires = expires
        self.issued = issued
        self.tokenID = tokenID
        self.scope = scope
        self.keyID = keyID
        self.isMigration = isMigration
    }

    public var scopes: [String] { scope.split(separator: " ").map(String.init) }

    public var email: String {
        switch subject {
        case .user(_, let email), .email(let email): email
        }
    }
}

/// What the claims are checked against.
public struct TokenPolicy: Sendable, Equatable {
    /// `iss`; `nil` takes any, where no settings tell (`postern token check --keys`). The claim must be there.
    public var issuer: String?
    /// `aud` holds it; `nil` takes any. The claim must be there.
    public var audience: String?
    /// How far the clocks may differ, in seconds.
    public var leeway: Int64
    /// `[tokens.migration] until`: tokens of the Python service are taken before this time.
    public var migrationUntil: Int64?

    public init(issuer: String?, audience: String?, leeway: Int64 = 10, migrationUntil: Int64? = nil) {
        self.issuer = issuer
        self.audience = audience
        self.leeway = leeway
        self.migrationUntil = migrationUntil
    }
}

import Database

/// What a program shows in place of a login, without the secret: a row of `service_tokens`.
public struct ServiceToken: Sendable, Equatable {
    public enum State: Sendable {
        case active, expired, revoked
    }

    public let id: UInt64
    public let userID: UserID
    /// As issued; they count as far as the user still has them.
    public let scopes: [String]
    public let note: String
    /// The login name of who issued it.
    public let madeBy: String
    /// Seconds since 1970, UTC, as the other times.
    public let createdAt: Int64
    /// Nil for a token without an end.
    public let expiresAt: Int64?
    public let revokedAt: Int64?
    /// To the minute.
    public let lastUsedAt: Int64?
    /// Empty before its first use.
    public let lastUsedAddress: String

    /// A token that was revoked is called so, also when its time is over.
    public func state(at seconds: Int64) -> State {
        if revokedAt != nil { return .revoked }
        return expiresAt.map { $0 <= seconds } ?? false ? .expired : .active
    }
}

/// A service token to be stored.
public struct NewServiceToken: Sendable {
    public var userID: UserID
    /// As `ServiceTokenText.hash` gives it, 32 bytes.
    public var hash: [UInt8]
    public var scopes: [String]
    /// At most 200 characters.
    public var note: String
    /// At most 64 characters.
    public var madeBy: String
    /// Seconds since 1970, UTC; nil for a token without an end.
    public var expiresAt: Int64?

    public init(
        of userID: UserID, hash: [UInt8], scopes: [String], note: String = "", madeBy: String, expiresAt: Int64? = nil
    ) {
        self.userID = userID
        self.hash = hash
        self.scopes = scopes
        self.note = note
        self.madeBy = madeBy
        self.expiresAt = expiresAt
    }

    func validate() throws(AccountsError) {
        precondition(hash.count == 32, "a SHA-256 has 32 bytes")
        try Words.validate(scopes, field: "scopes")
        try StoredText.validate(note, field: "note", limit: 200)
        try StoredText.validate(madeBy, field: "made_by", limit: 64)
        try StoredText.validate(end: expiresAt, field: "expires_at", what: "a token")
    }
}

extension ServiceToken {
    static let columns = """
        service_tokens.id, service_tokens.user_id, service_tokens.scopes, note, made_by, \
        UNIX_TIMESTAMP(service_tokens.created_at), UNIX_TIMESTAMP(expires_at), UNIX_TIMESTAMP(revoked_at), \
        UNIX_TIMESTAMP(last_used_at), last_used_address
        """

    /// From a row in which `columns` begin at `start`.
    init(_ row: Row, from start: Int = 0) throws(DatabaseError) {
        guard let id = UInt64(exactly: try row.integer(start)) else { throw Row.unusable("service_tokens.id") }
        guard let user = UserID(try row.text(start + 1)) else {
            throw Row.unusable("service_tokens.user_id is not a UUID")
        }
        self.init(
            id: id, userID: user, scopes: Words.read(try row.text(start + 2)), note: try row.text(start + 3),
            madeBy: try row.text(start + 4), createdAt: try row.integer(start + 5),
            expiresAt: try row.optionalInteger(start + 6), revokedAt: try row.optionalInteger(start + 7),
            lastUsedAt: try row.optionalInteger(start + 8), lastUsedAddress: try row.text(start + 9))
    }
}

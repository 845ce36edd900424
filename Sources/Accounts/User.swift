import Database

/// A person who may log in: a row of `users` without the password hash.
///
/// A class, and never changed: every stage of a request hands it on, and a struct of this size would be copied each time.
public final class User: Sendable, Equatable {
    public let id: UserID
    /// The id as text.
    public let idText: String
    public let email: EmailAddress
    public let name: String
    public let isActive: Bool
    public let scopes: [String]
    public let groups: [String]
    /// Tokens carry it; one with an older number is refused.
    public let tokenVersion: UInt32
    /// Seconds since 1970, UTC.
    public let createdAt: Int64
    public let updatedAt: Int64

    init(
        id: UserID, email: EmailAddress, name: String, isActive: Bool, scopes: [String], groups: [String],
        tokenVersion: UInt32, createdAt: Int64, updatedAt: Int64
    ) {
        self.id = id
        idText = id.description
        self.email = email
        self.name = name
        self.isActive = isActive
        self.scopes = scopes
        self.groups = groups
        self.tokenVersion = tokenVersion
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    public static func == (one: User, other: User) -> Bool {
        one === other
            || one.id == other.id && one.email == other.email && one.name == other.name
                && one.isActive == other.isActive && one.scopes == other.scopes && one.groups == other.groups
                && one.tokenVersion == other.tokenVersion && one.createdAt == other.createdAt
                && one.updatedAt == other.updatedAt
    }
}

/// What a login needs. The hash shows in no description and no dump.
public struct Credentials: Sendable, CustomStringConvertible, CustomReflectable {
    public let user: User
    public let passwordHash: String
    /// Whether the user has logged in from the client's network within 90 days.
    public let isKnownNetwork: Bool

    public var description: String { "credentials of user \(user.id)" }

    public var customMirror: Mirror { Mirror(self, children: ["user": user.id, "isKnownNetwork": isKnownNetwork]) }
}

/// A user to be stored.
public struct NewUser: Sendable {
    public var id: UserID
    public var email: EmailAddress
    public var name: String
    /// As `crypt(3)` made it; never a password.
    public var passwordHash: String
    public var scopes: [String]
    public var groups: [String]

    public init(
        id: UserID, email: EmailAddress, name: String, passwordHash: String, scopes: [String] = [],
        groups: [String] = []
    ) {
        self.id = id
        self.email = email
        self.name = name
        self.passwordHash = passwordHash
        self.scopes = scopes
        self.groups = groups
    }

    func validate() throws(AccountsError) {
        try StoredText.validate(name, field: "name", limit: 200)
        try Self.validate(hash: passwordHash)
        try Words.validate(scopes, field: "scopes")
        try Words.validate(groups, field: "groups")
    }

    /// A hash begins with `$`: whatever else lands here was never hashed.
    static func validate(hash: String) throws(AccountsError) {
        guard hash.utf8.first == UInt8(ascii: "$"), hash.utf8.count <= 255,
            hash.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .invalid(field: "password_hash", reason: "not a hash of crypt(3)") }
    }
}

extension User {
    static let columns = """
        users.id, email, name, is_active, users.scopes, `groups`, token_version, UNIX_TIMESTAMP(users.created_at), \
        UNIX_TIMESTAMP(updated_at)
        """
    static let columnCount = 9

    /// From a row that begins with `columns`.
    convenience init(_ row: Row) throws(DatabaseError) {
        guard let id = UserID(try row.text(0)) else { throw Row.unusable("users.id is not a UUID") }
        guard let version = UInt32(exactly: try row.integer(6)) else { throw Row.unusable("users.token_version") }
        self.init(
            id: id, email: EmailAddress(stored: try row.text(1)), name: try row.text(2), isActive: try row.flag(3),
            scopes: Words.read(try row.text(4)), groups: Words.read(try row.text(5)), tokenVersion: version,
            createdAt: try row.integer(7), updatedAt: try row.integer(8))
    }
}

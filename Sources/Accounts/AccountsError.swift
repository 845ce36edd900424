import Database

/// Why an account could not be read or changed.
public enum AccountsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The database cannot be asked or did not answer: 503 for a client, this text for the sysadmin.
    case unavailable(DatabaseError)
    case duplicateEmail
    case notFound
    /// The table comes with this schema, and the database is on the one before. Whoever can goes on as the release
    /// before did; it works as soon as somebody has migrated.
    case notMigrated(schema: Int)
    /// A value that cannot be stored; `reason` never repeats it.
    case invalid(field: String, reason: String)

    public var description: String {
        switch self {
        case .unavailable(let error):
            "database: \(error)" + (error.cure.map { "\n  \($0)" } ?? "")
        case .duplicateEmail: "this e-mail address is taken"
        case .notFound: "no such user"
        case .notMigrated(let schema):
            "database: this needs schema \(schema). Cure: postern database migrate"
        case .invalid(let field, let reason): "\(field): \(reason)"
        }
    }

    public var isUnavailable: Bool { if case .unavailable = self { true } else { false } }

    /// The database's number for what happened, for an event line.
    public var databaseCode: Int? { if case .unavailable(let error) = self { error.code } else { nil } }
}

import Database

/// A row of `schema_migrations`.
public struct AppliedMigration: Sendable, Equatable {
    public let number: Int
    public let name: String
    public let checksum: String
    /// The server's number of the connection that ran it, or runs it.
    public let connection: Int64
    /// UTC, `2026-11-22 14:47:27`
    public let startedAt: String
    public let finishedAt: String?

    public var isFinished: Bool { finishedAt != nil }

    var title: String { "\(number) (\(name))" }

    static let columns = "number, name, checksum, connection, CAST(started_at AS CHAR), CAST(finished_at AS CHAR)"

    init(_ row: Row) throws(DatabaseError) {
        number = Int(try row.integer(0))
        name = try row.text(1)
        checksum = try row.text(2)
        connection = try row.integer(3)
        startedAt = try row.text(4)
        finishedAt = try row.optionalText(5)
    }
}

/// What `postern database status` shows.
public struct MigrationStatus: Sendable, Equatable {
    /// By number.
    public let applied: [AppliedMigration]
    public let pending: [Migration]
    public let schema: SchemaState
    /// What stands in the way of `migrate`.
    public let problem: MigrationError?
}

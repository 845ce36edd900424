import Database

/// The table `service_tokens`.
///
/// After a change that workers must see at once, move the counter of the shared table, as after one of a user.
/// Every call but `find(hash:)` throws `notMigrated` on schema 2, where there are none.
public final class ServiceTokenStore: Sendable {
    private static let schema = 3
    /// Seconds between two uses that are written.
    private static let useInterval = 60

    private static let isActive = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > CURRENT_TIMESTAMP)"

    private let pool: Pool

    public init(_ pool: Pool) { self.pool = pool }

    /// Stores a token and gives its id.
    /// - Throws: `notFound` when the user is gone.
    public func add(_ token: NewServiceToken) throws(AccountsError) -> UInt64 {
        try token.validate()
        let sql = """
            INSERT INTO service_tokens (user_id, token_hash, scopes, note, made_by, expires_at)
            VALUES (?, ?, ?, ?, ?, FROM_UNIXTIME(?)) RETURNING id
            """
        let values = [
            Value(token.userID), .bytes(token.hash), .text(Words.stored(token.scopes)), .text(token.note),
            .text(token.madeBy), token.expiresAt.map { Value($0) } ?? .null,
        ]
        let ids = try pool.rows(writtenBy: sql, values, since: Self.schema) { row throws(DatabaseError) in
            UInt64(exactly: try row.integer(0))
        }
        guard let id = ids.first ?? nil else { throw .unavailable(Row.unusable("service_tokens gave no id back")) }
        return id
    }

    /// In the order in which they were issued.
    ///
    /// - Parameters:
    ///   - user: nil for those of all users.
    ///   - includeEnded: also what is expired or revoked.
    public func list(user: UserID? = nil, includeEnded: Bool = false) throws(AccountsError) -> [ServiceToken] {
        var conditions = ["1 = 1"]
        if user != nil { conditions.append("user_id = ?") }
        if !includeEnded { conditions.append(Self.isActive) }
        return try tokens(where: conditions.joined(separator: " AND ") + " ORDER BY id", user.map { [Value($0)] } ?? [])
    }

    /// How many hold now, whatever became of their users. Reads the whole table: for people, not for requests.
    public func activeCount() throws(AccountsError) -> Int {
        let sql = "SELECT COUNT(*) FROM service_tokens WHERE \(Self.isActive)"
        return try pool.rows(of: sql, [], since: Self.schema) { row throws(DatabaseError) in
            Int(try row.integer(0))
        }.first ?? 0
    }

    public func find(id: UInt64) throws(AccountsError) -> ServiceToken? {
        // Beyond it lies no id that Postern could have read.
        guard let id = Int64(exactly: id) else { return nil }
        return try tokens(where: "id = ?", [.integer(id)]).first
    }

    /// The token of this SHA-256 with its user, whatever became of either: who asks looks at both.
    /// Nil also on schema 2.
    public func find(hash: [UInt8]) throws(AccountsError) -> (ServiceToken, User)? {
        let sql = """
            SELECT \(User.columns), \(ServiceToken.columns) FROM service_tokens
            JOIN users ON users.id = service_tokens.user_id WHERE token_hash = ?
            """
        do throws(AccountsError) {
            return try pool.rows(of: sql, [.bytes(hash)], since: Self.schema) { row throws(DatabaseError) in
                (try ServiceToken(row, from: User.columnCount), try User(row))
            }.first
        } catch {
            guard case .notMigrated = error else { throw error }
            return nil
        }
    }

    /// Ends a token for good. False when there is none of this number, or it was revoked before.
    public func revoke(id: UInt64) throws(AccountsError) -> Bool {
        guard let id = Int64(exactly: id) else { return false }
        let sql = "UPDATE service_tokens SET revoked_at = CURRENT_TIMESTAMP WHERE id = ? AND revoked_at IS NULL"
        return try pool.write(sql, [.integer(id)], since: Self.schema) == 1
    }

    /// Notes a use, unless one was noted less than a minute before; tells whether it did.
    ///
    /// It asks MariaDB each time: look at `lastUsedAt` first, and keep it off the request's path.
    ///
    /// - Parameters:
    ///   - address: the client's, at most 45 bytes.
    ///   - seconds: since 1970, UTC.
    @discardableResult
    public func noteUse(id: UInt64, address: String, at seconds: Int64) throws(AccountsError) -> Bool {
        guard let id = Int64(exactly: id) else { return false }
        let sql = """
            UPDATE service_tokens SET last_used_at = FROM_UNIXTIME(?), last_used_address = ? WHERE id = ?
            AND (last_used_at IS NULL OR last_used_at <= FROM_UNIXTIME(?))
            """
        let values = [Value(seconds), .text(address), .integer(id), Value(seconds - Int64(Self.useInterval))]
        return try pool.write(sql, values, since: Self.schema) == 1
    }

    private func tokens(where condition: String, _ values: [Value]) throws(AccountsError) -> [ServiceToken] {
        let sql = "SELECT \(ServiceToken.columns) FROM service_tokens WHERE \(condition)"
        return try pool.rows(of: sql, values, since: Self.schema) { row throws(DatabaseError) in try ServiceToken(row) }
    }
}

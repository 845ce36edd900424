import Database

/// The table `user_networks`: from where each user has logged in.
///
/// A network is the text of a rate key, "203.0.113.7" or "2001:db8:1:2::/64": the caller has parsed the address and
/// writes it in one form, so it is a plain text here and compared byte by byte.
public final class NetworkStore: Sendable {
    /// Networks of a user at most; the one whose last login is oldest goes.
    public static let limit = 20
    /// Days for which a network is known after a login from it.
    public static let days = 90

    static let isKnown = "last_login_at > CURRENT_TIMESTAMP - INTERVAL \(days) DAY"

    let pool: Pool

    public init(_ pool: Pool) { self.pool = pool }

    /// Makes the network known, for 90 days from now.
    ///
    /// A login within a day of the last one that was noted writes nothing, so a network may be forgotten a day early.
    /// - Throws: `notFound` when the user is gone.
    public func noteLogin(user: UserID, network: String) throws(AccountsError) {
        guard try !isFresh(user, network) else { return }
        let sql = """
            INSERT INTO user_networks (user_id, network) VALUES (?, ?)
            ON DUPLICATE KEY UPDATE last_login_at = CURRENT_TIMESTAMP
            """
        try pool.write(sql, [Value(user), .text(network)])
        for (place, entry) in try networks(of: user).enumerated() where place >= Self.limit || !entry.isKnown {
            try forget(entry)
        }
    }

    /// Forgets networks that are no longer known, at most `batch` of them, and tells how many; for users who never
    /// come back.
    public func purge(batch: Int = 100) throws(AccountsError) -> Int {
        // Read without locks and deleted by key: a range that is deleted would hold up logins.
        let sql =
            "SELECT \(Entry.columns) FROM user_networks WHERE NOT (\(Self.isKnown)) ORDER BY last_login_at LIMIT ?"
        let entries = try pool.rows(of: sql, [Value(max(batch, 0))], Entry.init)
        var count = 0
        for entry in entries { count += try forget(entry) }
        return count
    }

    private func isFresh(_ user: UserID, _ network: String) throws(AccountsError) -> Bool {
        let sql = """
            SELECT 1 FROM user_networks WHERE user_id = ? AND network = ?
            AND last_login_at > CURRENT_TIMESTAMP - INTERVAL 1 DAY
            """
        let values = [Value(user), .text(network)]
        return try !pool.rows(of: sql, values) { row throws(DatabaseError) in try row.integer(0) }.isEmpty
    }

    /// The last login first.
    private func networks(of user: UserID) throws(AccountsError) -> [Entry] {
        let sql = "SELECT \(Entry.columns) FROM user_networks WHERE user_id = ? ORDER BY last_login_at DESC, network"
        return try pool.rows(of: sql, [Value(user)], Entry.init)
    }

    /// Only as it was read: a login from there in the meantime keeps it.
    @discardableResult
    private func forget(_ entry: Entry) throws(AccountsError) -> Int {
        let sql = "DELETE FROM user_networks WHERE user_id = ? AND network = ? AND last_login_at = ?"
        return try pool.write(sql, [.text(entry.user), .text(entry.network), .text(entry.lastLogin)])
    }

    private struct Entry {
        let user: String
        let network: String
        let lastLogin: String
        let isKnown: Bool

        static let columns = "user_id, network, CAST(last_login_at AS CHAR), \(NetworkStore.isKnown)"

        init(_ row: Row) throws(DatabaseError) {
            user = try row.text(0)
            network = try row.text(1)
            lastLogin = try row.text(2)
            isKnown = try row.flag(3)
        }
    }
}

import Database

/// A network from which a user has logged in within 90 days.
public struct KnownNetwork: Sendable, Equatable {
    /// As the rate key writes it: "203.0.113.7", "2001:db8:1:2::/64".
    public let network: String
    /// Seconds since 1970, UTC; the last to the day.
    public let firstLogin: Int64
    public let lastLogin: Int64
}

extension NetworkStore {
    /// The user's known networks, the last login first.
    public func known(of user: UserID) throws(AccountsError) -> [KnownNetwork] {
        let sql = """
            SELECT network, UNIX_TIMESTAMP(first_login_at), UNIX_TIMESTAMP(last_login_at) FROM user_networks
            WHERE user_id = ? AND \(Self.isKnown) ORDER BY last_login_at DESC, network LIMIT \(Self.limit)
            """
        return try pool.rows(of: sql, [Value(user)]) { row throws(DatabaseError) in
            KnownNetwork(
                network: try row.text(0), firstLogin: try row.integer(1), lastLogin: try row.integer(2))
        }
    }
}

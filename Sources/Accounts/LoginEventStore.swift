import Database

/// The table `login_events`: what became of logins, for the sysadmin. Nothing that decides a login reads it.
public final class LoginEventStore: Sendable {
    /// Events in one statement at most.
    static let batch = 500

    let pool: Pool

    public init(_ pool: Pool) { self.pool = pool }

    /// Writes the events, up to 500 in one statement: all of them or none. After an error the statements before it
    /// stand.
    public func append(_ events: [LoginEvent]) throws(AccountsError) {
        var rest = events[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.batch)
            let places = Array(repeating: LoginEvent.placeholders, count: part.count).joined(separator: ", ")
            try pool.write(
                "INSERT INTO login_events (\(LoginEvent.insertedColumns)) VALUES \(places)", part.flatMap(\.values),
                isKept: false)
            rest = rest.dropFirst(part.count)
        }
    }

    /// The user's last events, newest first.
    public func last(of user: UserID, limit: Int = 20) throws(AccountsError) -> [LoginEvent] {
        let sql = """
            SELECT \(LoginEvent.columns) FROM login_events WHERE user_id = ? ORDER BY at DESC, id DESC LIMIT ?
            """
        return try pool.rows(of: sql, [Value(user), Value(max(limit, 0))]) { row throws(DatabaseError) in
            try LoginEvent(row)
        }
    }
}

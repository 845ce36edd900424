import Database

extension LoginEventStore {
    /// The last events of all users and of nobody's e-mails, newest first.
    public func last(limit: Int) throws(AccountsError) -> [LoginEvent] {
        let sql = "SELECT \(LoginEvent.columns) FROM login_events ORDER BY at DESC, id DESC LIMIT ?"
        return try pool.rows(of: sql, [Value(max(limit, 0))]) { row throws(DatabaseError) in
            try LoginEvent(row)
        }
    }

    /// How many there were of each outcome in the last `seconds`.
    public func counts(ofLast seconds: Int) throws(AccountsError) -> [LoginOutcome: Int] {
        let sql = """
            SELECT outcome, COUNT(*) FROM login_events WHERE at > CURRENT_TIMESTAMP(3) - INTERVAL ? SECOND
            GROUP BY outcome
            """
        let rows = try pool.rows(of: sql, [Value(max(seconds, 0))]) { row throws(DatabaseError) in
            (LoginOutcome(rawValue: try row.text(0)), Int(try row.integer(1)))
        }
        return rows.reduce(into: [:]) { counts, row in if let outcome = row.0 { counts[outcome] = row.1 } }
    }
}

import Database

extension UserStore {
    /// How many users may log in. Reads an index or the whole table: for people, not for requests.
    public func activeCount() throws(AccountsError) -> Int {
        try pool.rows(of: "SELECT COUNT(*) FROM users WHERE is_active = 1", []) { row throws(DatabaseError) in
            Int(try row.integer(0))
        }.first ?? 0
    }
}

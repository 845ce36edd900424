import Database

extension LoginEventStore {
    /// Statements that delete in one call, so that a thread that should end is not held up.
    private static let most = 20

    /// Deletes what is older than `seconds` or more than the newest `keepRows`, at most `batch` rows in a statement and
    /// 20 times as many in a call, and tells how many. Call it again soon where it tells of 20 batches.
    ///
    /// The rows are looked for without a lock and deleted by their ids, so that no range stays locked and neither a
    /// login's event nor another worker that deletes is held up for longer than one small batch. The time of a row
    /// decides, not its place: a clock that was set back deletes nothing that is new.
    public func purge(olderThan seconds: Int, keepRows: Int, batch: Int = 500) throws(AccountsError) -> Int {
        let batch = min(max(batch, 1), 5000)
        var (total, statements) = (0, 0)
        let old = "SELECT id FROM login_events WHERE at < CURRENT_TIMESTAMP(3) - INTERVAL ? SECOND ORDER BY at LIMIT ?"
        while statements < Self.most {
            let ids = try ids(old, [Value(max(seconds, 0)), Value(batch)])
            if ids.isEmpty { break }
            total += try pool.delete(ids, from: "login_events")
            statements += 1
        }
        guard statements < Self.most, let last = try lastSurplus(keepRows) else { return total }
        while statements < Self.most {
            let ids = try ids(
                "SELECT id FROM login_events WHERE id <= ? ORDER BY id LIMIT ?", [Value(last), Value(batch)])
            if ids.isEmpty { break }
            total += try pool.delete(ids, from: "login_events")
            statements += 1
        }
        return total
    }

    /// The newest row that is one too many. Ids have gaps on a cluster, so the rows are counted.
    ///
    /// - Parameter stride: rows that are counted in one query; 100,000 take some 10 ms, also where millions are kept.
    func lastSurplus(_ keepRows: Int, stride: Int = 100_000) throws(AccountsError) -> Int64? {
        var below = Int64.max
        var kept = max(keepRows, 0)
        let sql = "SELECT id FROM login_events WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?"
        while kept > stride {
            guard let id = try ids(sql, [Value(below), Value(stride - 1)]).first else { return nil }
            below = id
            kept -= stride
        }
        return try ids(sql, [Value(below), Value(kept)]).first
    }

    private func ids(_ sql: String, _ values: [Value]) throws(AccountsError) -> [Int64] {
        try pool.rows(of: sql, values) { row throws(DatabaseError) in try row.integer(0) }
    }
}

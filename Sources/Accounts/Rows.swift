import Database

extension Row {
    /// A row that Postern cannot have written.
    static func unusable(_ what: String) -> DatabaseError { DatabaseError(unusableRow: what) }
}

extension Value {
    init(_ id: UserID) { self = .text(id.description) }

    init(_ email: EmailAddress) { self = .text(email.text) }

    /// A pattern for `LIKE ? ESCAPE '!'` that finds the text itself anywhere. `!` and not the backslash, whose
    /// meaning hangs on the server's sql_mode.
    init(containing text: String) {
        var pattern = "%"
        for scalar in text.unicodeScalars {
            if ["!", "%", "_"].contains(scalar) { pattern.unicodeScalars.append("!") }
            pattern.unicodeScalars.append(scalar)
        }
        self = .text(pattern + "%")
    }
}

extension Pool {
    /// Rows as values of a type of ours. `schema`: the one that brought the table along, where that is the newest.
    func rows<Element>(
        of sql: String, _ values: [Value], since schema: Int = 1, isKept: Bool = true,
        _ read: (Row) throws(DatabaseError) -> Element
    ) throws(AccountsError) -> [Element] {
        do throws(DatabaseError) {
            return try rows(sql, values, isKept: isKept).map(read)
        } catch {
            throw AccountsError(error, since: schema)
        }
    }

    /// Changes rows; gives back how many the statement matched.
    @discardableResult
    func write(
        _ sql: String, _ values: [Value], since schema: Int = 1, isKept: Bool = true
    ) throws(AccountsError) -> Int {
        try attempt(sql, values, since: schema, isKept: isKept).affected
    }

    /// Changes rows; gives back what RETURNING names.
    func rows<Element>(
        writtenBy sql: String, _ values: [Value], since schema: Int = 1, _ read: (Row) throws(DatabaseError) -> Element
    ) throws(AccountsError) -> [Element] {
        let rows = try attempt(sql, values, since: schema, isKept: true).rows
        do throws(DatabaseError) { return try rows.map(read) } catch { throw .unavailable(error) }
    }

    /// Deletes rows by their ids, which were read without a lock: so no range stays locked.
    func delete(_ ids: [Int64], from table: String) throws(AccountsError) -> Int {
        guard !ids.isEmpty else { return 0 }
        let places = Array(repeating: "?", count: ids.count).joined(separator: ", ")
        // In the order of the key, whoever deletes: two workers wait for each other, never in a circle.
        return try write("DELETE FROM \(table) WHERE id IN (\(places))", ids.sorted().map { Value($0) }, isKept: false)
    }

    /// A statement that the server gave up as a deadlock has changed nothing, and goes through the next time: InnoDB
    /// says so where two wait in a circle, Galera where another node was faster.
    private func attempt(
        _ sql: String, _ values: [Value], since schema: Int, isKept: Bool
    ) throws(AccountsError) -> Answer {
        var attemptsLeft = 5
        while true {
            do throws(DatabaseError) {
                return try change(sql, values, isKept: isKept)
            } catch {
                attemptsLeft -= 1
                guard error.isDeadlock, attemptsLeft > 0 else { throw AccountsError(error, since: schema) }
            }
        }
    }
}

extension AccountsError {
    /// - Parameter schema: the one that brought the table of the statement along. A table of the schema before must be
    ///   there; that of the newest is missed as long as nobody has migrated.
    init(_ error: DatabaseError, since schema: Int) {
        self =
            switch error.kind {
            case .schema where error.isMissingTable && schema == SchemaState.wanted: .notMigrated(schema: schema)
            case .orphan: .notFound
            default: .unavailable(error)
            }
    }
}

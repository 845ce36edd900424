/// A pooled connection with its prepared statements.
///
/// Not Sendable by nature: one thread holds it while it is lent, and the pool's lock stands between two holders.
final class Session: @unchecked Sendable {
    // Declared first, so that it is closed first: the statements are then freed without a word to the server.
    private let connection: Connection
    private var statements: [String: PreparedStatement] = [:]
    private(set) var lastUse = ContinuousClock.now

    /// More than the texts that Postern has; a bound all the same, since the server counts statements too.
    private static let statementLimit = 64

    init(_ settings: ConnectionSettings) throws(DatabaseError) {
        connection = try Connection(settings)
    }

    /// Runs the text as a prepared statement, prepared on its first use here; for this use alone where it is not kept.
    func run(_ sql: String, _ values: [Value], isKept: Bool = true) throws(DatabaseError) -> Answer {
        guard isKept else {
            let answer = try connection.execute(sql, values)
            lastUse = .now
            return answer
        }
        do {
            return try execute(sql, values)
        } catch  where error.wantsPreparation {
            // The server has not run it (a table changed): once more from the start, also for a write.
            statements[sql] = nil
            return try execute(sql, values)
        }
    }

    func ping() throws(DatabaseError) {
        try connection.ping()
        lastUse = .now
    }

    private func execute(_ sql: String, _ values: [Value]) throws(DatabaseError) -> Answer {
        let statement: PreparedStatement
        if let known = statements[sql] {
            statement = known
        } else {
            if statements.count >= Self.statementLimit { statements.removeAll() }
            statement = PreparedStatement(try connection.prepare(sql))
            statements[sql] = statement
        }
        let answer = try statement.execute(values)
        lastUse = .now
        return answer
    }
}

/// A box, since a dictionary cannot hold a non-copyable value.
private final class PreparedStatement {
    private var statement: Statement

    init(_ statement: consuming Statement) { self.statement = statement }

    func execute(_ values: [Value]) throws(DatabaseError) -> Answer { try statement.execute(values) }
}

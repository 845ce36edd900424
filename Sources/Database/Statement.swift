import CMariaDB

/// What a statement gave back.
public struct Answer: Sendable, Equatable {
    public var rows: [Row]
    /// Rows that an INSERT, UPDATE or DELETE matched, also where nothing changed (CLIENT_FOUND_ROWS).
    public var affected: Int
}

/// Owner of a prepared statement (mysql_stmt_prepare(3)) and of the memory its parameters and columns live in.
///
/// It belongs to the thread that holds its connection. It may outlive the connection: mysql_close(3) detaches it,
/// and executing it then fails with 2013.
@safe public struct Statement: ~Copyable {
    private let handle: UnsafeMutablePointer<MYSQL_STMT>
    private let connection: ConnectionFacts
    private var parameters: ParameterBuffers
    private var columns: ColumnBuffers

    init(
        preparing sql: String, on mysql: UnsafeMutablePointer<MYSQL>, of connection: ConnectionFacts
    ) throws(DatabaseError) {
        let owner = try unsafe StatementHandle(mysql)
        let started = ContinuousClock.now
        var sql = sql
        let code = sql.withUTF8 { text in
            unsafe text.withMemoryRebound(to: CChar.self) { characters in
                unsafe mysql_stmt_prepare(owner.pointer, characters.baseAddress, UInt(characters.count))
            }
        }
        guard code == 0 else { throw unsafe connection.error(of: owner.pointer, since: started) }
        parameters = unsafe ParameterBuffers(count: Int(mysql_stmt_param_count(owner.pointer)))
        columns = unsafe ColumnBuffers(of: owner.pointer)
        self.connection = connection
        unsafe handle = owner.release()
    }

    deinit { unsafe mysql_stmt_close(handle) }

    /// Runs it with one value for each `?` and gives out all rows.
    public mutating func execute(_ values: [Value] = []) throws(DatabaseError) -> Answer {
        guard values.count == parameters.count else {
            throw DatabaseError(.other, message: "\(values.count) parameters given for \(parameters.count)")
        }
        let started = ContinuousClock.now
        guard unsafe parameters.bind(values, to: handle), unsafe mysql_stmt_execute(handle) == 0 else {
            throw unsafe connection.error(of: handle, since: started)
        }
        // The server prepares a SELECT again by itself when a table has changed; the types may be others then.
        if unsafe !columns.fit(handle) { columns = unsafe ColumnBuffers(of: handle) }
        guard columns.count > 0 else {
            return Answer(rows: [], affected: Int(clamping: unsafe mysql_stmt_affected_rows(handle)))
        }
        defer { unsafe mysql_stmt_free_result(handle) }
        return Answer(rows: try rows(since: started), affected: 0)
    }

    private func rows(since started: ContinuousClock.Instant) throws(DatabaseError) -> [Row] {
        // Stored first, so that an error in the middle leaves nothing unread on the connection.
        guard unsafe columns.bind(to: handle), unsafe mysql_stmt_store_result(handle) == 0 else {
            throw unsafe connection.error(of: handle, since: started)
        }
        var rows: [Row] = []
        while true {
            switch unsafe mysql_stmt_fetch(handle) {
            // A column that did not fit into its buffer is fetched again by ColumnBuffers.
            case 0, MYSQL_DATA_TRUNCATED: rows.append(try unsafe columns.row(of: handle))
            case MYSQL_NO_DATA: return rows
            default: throw unsafe connection.error(of: handle, since: started)
            }
        }
    }
}

/// A statement's pointer between mysql_stmt_init(3) and the time its owner is whole: freed where preparing fails.
@safe private struct StatementHandle: ~Copyable {
    let pointer: UnsafeMutablePointer<MYSQL_STMT>

    init(_ mysql: UnsafeMutablePointer<MYSQL>) throws(DatabaseError) {
        guard let pointer = unsafe mysql_stmt_init(mysql) else {
            throw DatabaseError(.other, message: "out of memory")
        }
        unsafe self.pointer = pointer
    }

    deinit { unsafe mysql_stmt_close(pointer) }

    consuming func release() -> UnsafeMutablePointer<MYSQL_STMT> {
        let pointer = unsafe pointer
        discard self
        return unsafe pointer
    }
}

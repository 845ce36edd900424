import CMariaDB

/// What went wrong, by what the caller can do about it.
///
/// Texts of the server may quote a value (`Duplicate entry 'anna@example.com'`), so quoted parts are left out of
/// `message` unless the code is one that quotes names of tables, columns and database users only.
public struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// The server cannot be reached, or the connection broke.
        case away
        /// The server did not answer in time. The statement may have run.
        case timeout
        /// The server is there and does not let us in, or not do this.
        case refused
        /// A value that must be unique stands there already.
        case duplicate
        /// The row that this one belongs to is not there.
        case orphan
        /// A value does not fit its column, or a CHECK of the table refuses it.
        case unfit
        /// A database, a table or a column is missing.
        case schema
        /// The server is there but could not do it now: a lock, its own time limit, too many connections.
        case busy
        case other
    }

    public let kind: Kind
    /// The number of Connector/C (from 2000 on) or of the server; 0 for an error of our own.
    public let code: Int
    public let sqlState: String
    public let message: String
    /// `user@place`, where it is known.
    public internal(set) var place: String?
    /// Of a script: statements that ran before the one that failed.
    public internal(set) var completedStatements = 0

    init(_ kind: Kind, code: Int = 0, sqlState: String = "HY000", message: String, place: String? = nil) {
        self.kind = kind
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.place = place
    }

    /// From Connector/C's three values; `timedOut` when the failing call took as long as its time-out.
    init(code: UInt32, sqlState: String, message: String, timedOut: Bool, place: String?) {
        let kind = Kind(code: code)
        self.init(
            kind == .away && timedOut ? .timeout : kind, code: Int(code), sqlState: sqlState,
            message: Self.namesOnly(code) ? message : Self.withoutQuotes(message), place: place)
    }

    public var description: String {
        let place = place.map { " at \($0)" } ?? ""
        let number = code == 0 ? "" : " (\(code))"
        switch kind {
        case .away: return "away\(place)\(number): \(message)"
        case .timeout: return "no answer in time\(place)\(number)"
        case .refused: return "refused\(place)\(number): \(message)"
        default: return "\(message)\(place)\(number)"
        }
    }

    /// One sentence for the sysadmin, where there is one.
    public var cure: String? {
        switch (kind, code) {
        case (.refused, Int(ER_ACCESS_DENIED_NO_PASSWORD_ERROR)):
            "With unix_socket the system user and the database user need the same name. "
                + "Cure: postern database sql --grants | mariadb"
        case (.refused, _): "Cure: postern database sql --grants | mariadb"
        case (.schema, _): "Cure: postern database migrate"
        default: nil
        }
    }

    /// Of kind `schema`: a table, where the database itself is there.
    public var isMissingTable: Bool { code == Int(ER_NO_SUCH_TABLE) }

    /// The server gave the statement up, whole, so that others could go on: it may be run again.
    public var isDeadlock: Bool { code == Int(ER_LOCK_DEADLOCK) }

    /// The prepared statement is unknown to the server and has not run: prepare it again.
    var wantsPreparation: Bool { code == Int(ER_NEED_REPREPARE) || code == Int(ER_UNKNOWN_STMT_HANDLER) }

    /// Nothing more can be read from this connection.
    var breaksConnection: Bool {
        kind == .away || kind == .timeout || code == Int(CR_COMMANDS_OUT_OF_SYNC) || code == Int(CR_MALFORMED_PACKET)
    }

    /// Codes whose texts quote names, never values.
    private static func namesOnly(_ code: UInt32) -> Bool {
        if code >= 2000 && code < 3000 || code == CR_PLUGIN_NOT_ALLOWED { return true }
        switch Int32(bitPattern: code) {
        case ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR,
            ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR, ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE,
            ER_BAD_FIELD_ERROR, ER_BAD_TABLE_ERROR, ER_TABLE_EXISTS_ERROR, ER_DATA_TOO_LONG,
            ER_CONSTRAINT_FAILED, ER_PARSE_ERROR:
            return true
        default: return false
        }
    }

    private static func withoutQuotes(_ message: String) -> String {
        guard let first = message.firstIndex(of: "'"), let last = message.lastIndex(of: "'") else { return message }
        return message[..<first] + "'…'" + message[message.index(after: last)...]
    }
}

extension DatabaseError.Kind {
    init(code: UInt32) {
        switch Int32(bitPattern: code) {
        case CR_CONNECTION_ERROR, CR_CONN_HOST_ERROR, CR_IPSOCK_ERROR, CR_UNKNOWN_HOST, CR_SERVER_GONE_ERROR,
            CR_SERVER_LOST, CR_SERVER_LOST_EXTENDED, CR_SERVER_HANDSHAKE_ERR, mysqlClientInteractionTimeout,
            ER_SERVER_SHUTDOWN, ER_CONNECTION_KILLED, ER_NEW_ABORTING_CONNECTION, ER_UNKNOWN_COM_ERROR:
            self = .away
        case ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ER_DBACCESS_DENIED_ERROR,
            ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR,
            ER_HOST_NOT_PRIVILEGED, ER_HOST_IS_BLOCKED, ER_MUST_CHANGE_PASSWORD_LOGIN,
            CR_SSL_CONNECTION_ERROR, CR_PLUGIN_NOT_ALLOWED, CR_AUTH_PLUGIN_CANNOT_LOAD:
            self = .refused
        case ER_DUP_ENTRY, ER_DUP_ENTRY_WITH_KEY_NAME: self = .duplicate
        case ER_NO_REFERENCED_ROW, ER_NO_REFERENCED_ROW_2: self = .orphan
        case ER_DATA_TOO_LONG, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ER_CONSTRAINT_FAILED: self = .unfit
        case ER_NO_SUCH_TABLE, ER_BAD_FIELD_ERROR, ER_BAD_DB_ERROR: self = .schema
        case ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_STATEMENT_TIMEOUT, ER_CON_COUNT_ERROR,
            ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED, ER_QUERY_INTERRUPTED:
            self = .busy
        default: self = .other
        }
    }
}

/// MySQL 8 closes an idle connection with this number (ER_CLIENT_INTERACTION_TIMEOUT); MariaDB's header lacks it.
private let mysqlClientInteractionTimeout: Int32 = 4031

extension DatabaseError {
    /// For who reads rows: something stands there that cannot be.
    public init(unusableRow what: String) { self.init(.other, message: "unusable row: \(what)") }
}

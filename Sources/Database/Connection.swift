import CMariaDB

/// Owner of one connection (`MYSQL`).
///
/// It belongs to one thread at a time (Connector/C, "thread safety"); `Pool` sees to that where threads share.
/// Auto-reconnect is off, since it would drop prepared statements and session settings silently.
@safe public struct Connection: ~Copyable {
    private let handle: UnsafeMutablePointer<MYSQL>
    private let facts: ConnectionFacts

    /// Connects; takes at most the connect time-out for each of its steps.
    public init(_ settings: ConnectionSettings) throws(DatabaseError) {
        let connection = try Connection(unconnected: ConnectionFacts(settings))
        try connection.setOptions(settings)
        try connection.connect(settings)
        self = connection
    }

    /// Only allocates, so that a failure later finds a whole owner whose deinit frees it.
    private init(unconnected facts: ConnectionFacts) throws(DatabaseError) {
        Library.start()
        guard let handle = unsafe mysql_init(nil) else { throw DatabaseError(.other, message: "out of memory") }
        unsafe self.handle = handle
        self.facts = facts
    }

    deinit { unsafe mysql_close(handle) }

    public func prepare(_ sql: String) throws(DatabaseError) -> Statement {
        try unsafe Statement(preparing: sql, on: handle, of: facts)
    }

    /// Prepares, runs and closes: for statements that run once.
    public func execute(_ sql: String, _ values: [Value] = []) throws(DatabaseError) -> Answer {
        var statement = try prepare(sql)
        return try statement.execute(values)
    }

    /// The server's number for this connection (`KILL` takes it).
    public var number: UInt64 { UInt64(unsafe mysql_thread_id(handle)) }

    public var serverVersion: String { unsafe String(cString: mysql_get_server_info(handle)) }

    /// Asks the server whether it is still there.
    public func ping() throws(DatabaseError) {
        let started = ContinuousClock.now
        guard unsafe mysql_ping(handle) == 0 else { throw unsafe facts.error(of: handle, since: started) }
    }

    /// Runs several statements separated by `;`, each to its end, and drops what they answer.
    ///
    /// The server splits the text, not we. For migrations: never for a text that holds a user's words.
    public func run(script: String) throws(DatabaseError) {
        let started = ContinuousClock.now
        guard unsafe mysql_set_server_option(handle, MYSQL_OPTION_MULTI_STATEMENTS_ON) == 0 else {
            throw unsafe facts.error(of: handle, since: started)
        }
        defer { unsafe mysql_set_server_option(handle, MYSQL_OPTION_MULTI_STATEMENTS_OFF) }
        var script = script
        var code = script.withUTF8 { text in
            unsafe text.withMemoryRebound(to: CChar.self) { characters in
                unsafe mysql_real_query(handle, characters.baseAddress, UInt(characters.count))
            }
        }
        var completed = 0
        while code == 0 {
            unsafe mysql_free_result(mysql_store_result(handle))
            completed += 1
            code = unsafe mysql_next_result(handle)
        }
        // -1: no more results; above 0: the next statement failed.
        guard code < 0 else {
            var error = unsafe facts.error(of: handle, since: started)
            error.completedStatements = completed
            throw error
        }
    }

    func set(_ option: mysql_option, _ number: UInt32) {
        var number = number
        unsafe mysql_options(handle, option, &number)
    }

    func set(_ option: mysql_option, flag: Bool) {
        var value: my_bool = flag ? 1 : 0
        unsafe mysql_options(handle, option, &value)
    }

    /// The connector copies the text.
    func set(_ option: mysql_option, _ text: String) {
        unsafe mysql_options(handle, option, text)
    }

    private func connect(_ settings: ConnectionSettings) throws(DatabaseError) {
        var host: String?
        var port: UInt32 = 0
        var socket: String?
        switch settings.endpoint {
        case .socket(let path): socket = path
        case .host(let name, let number, _): (host, port) = (name, UInt32(number))
        }
        let started = ContinuousClock.now
        // Affected rows count what a condition matched: "no such user" must differ from "nothing to change".
        let result = unsafe mysql_real_connect(
            handle, host, settings.user, settings.password?.text, settings.database, port, socket,
            UInt(CLIENT_FOUND_ROWS))
        guard unsafe result != nil else { throw unsafe facts.error(of: handle, since: started) }
    }
}

/// mysql_library_init(3), once for the process.
enum Library {
    private static let started: Bool = mysql_server_init(0, nil, nil) == 0

    static func start() { _ = started }
}

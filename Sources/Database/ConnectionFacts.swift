import CMariaDB

/// What an error text needs to know about its connection.
struct ConnectionFacts: Sendable {
    let place: String
    let timeouts: Timeouts

    init(_ settings: ConnectionSettings) {
        place = "\(settings.user)@\(settings.endpoint)"
        timeouts = settings.timeouts
    }

    /// Reads a connection's error at once: the next call overwrites it.
    func error(of mysql: UnsafeMutablePointer<MYSQL>, since started: ContinuousClock.Instant) -> DatabaseError {
        unsafe DatabaseError(
            code: mysql_errno(mysql), sqlState: String(cString: mysql_sqlstate(mysql)),
            message: String(cString: mysql_error(mysql)), timedOut: timedOut(since: started), place: place)
    }

    func error(of statement: UnsafeMutablePointer<MYSQL_STMT>, since started: ContinuousClock.Instant) -> DatabaseError
    {
        unsafe DatabaseError(
            code: mysql_stmt_errno(statement), sqlState: String(cString: mysql_stmt_sqlstate(statement)),
            message: String(cString: mysql_stmt_error(statement)), timedOut: timedOut(since: started), place: place)
    }

    /// Connector/C reports a time-out with the number of a broken connection; only the clock tells them apart.
    private func timedOut(since started: ContinuousClock.Instant) -> Bool {
        let shortest = min(timeouts.connect, timeouts.read, timeouts.write)
        return ContinuousClock.now - started >= .milliseconds(Int(shortest) * 950)
    }
}

import System

/// What a pool reports when its breaker moves; called without a lock held, from any thread.
public enum PoolEvent: Sendable, Equatable {
    case away(DatabaseError)
    case back(after: Duration)
}

/// Connections that threads share, each lent to one thread at a time, with a breaker.
///
/// Nothing is connected before the first use, so a server that is away at start-up is no error. A call costs at most
/// one time-out (one second by default) plus the wait for a free connection; while the breaker is open, nothing.
public final class Pool: Sendable {
    private let core: PoolCore

    /// - Parameters:
    ///   - size: connections at most.
    ///   - wait: how long a call may wait for a free connection.
    public init(
        _ settings: ConnectionSettings, size: Int = 4, wait: Duration = .milliseconds(400),
        onChange: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) {
        // Before there are threads, as mysql_library_init(3) asks.
        Library.start()
        core = PoolCore(settings, size: max(size, 1), wait: wait, onChange: onChange)
    }

    /// Closes what rests; a probe under way ends by itself within its time-out.
    deinit { core.stop() }

    /// True while every call would be refused at once.
    public var isOpen: Bool { failure != nil }

    /// Why the breaker is open.
    public var failure: DatabaseError? { core.failure }

    public var statistics: PoolStatistics { core.statistics }

    /// Runs a query that changes nothing. A connection that turns out broken is replaced and the query asked again,
    /// once; after a time-out it is not, since the second wait would double the first.
    ///
    /// - Parameter isKept: false for a text that differs from call to call: it is prepared for this once.
    public func rows(_ sql: String, _ values: [Value] = [], isKept: Bool = true) throws(DatabaseError) -> [Row] {
        let session = try core.borrow()
        do {
            let answer = try session.run(sql, values, isKept: isKept)
            core.giveBack(session)
            return answer.rows
        } catch {
            guard error.kind == .away else {
                core.settle(session, after: error)
                throw error
            }
        }
        let fresh = try core.replace(session)
        return try run(sql, values, isKept: isKept, on: fresh).rows
    }

    /// Runs a statement that changes something, once: after a broken connection nobody can tell whether it ran.
    /// A connection that has rested is asked for a sign of life first, so a server's restart costs no write.
    /// Returns the number of rows matched.
    @discardableResult
    public func execute(_ sql: String, _ values: [Value] = []) throws(DatabaseError) -> Int {
        try change(sql, values).affected
    }

    /// As `execute`; also gives back the rows that RETURNING names.
    public func change(_ sql: String, _ values: [Value] = [], isKept: Bool = true) throws(DatabaseError) -> Answer {
        var session = try core.borrow()
        if ContinuousClock.now - session.lastUse > .seconds(1) {
            do {
                try session.ping()
            } catch {
                guard error.kind == .away else {
                    core.settle(session, after: error)
                    throw error
                }
                session = try core.replace(session)
            }
        }
        return try run(sql, values, isKept: isKept, on: session)
    }

    /// Asks the server for a sign of life.
    public func ping() throws(DatabaseError) { _ = try rows("SELECT 1") }

    private func run(
        _ sql: String, _ values: [Value], isKept: Bool, on session: Session
    ) throws(DatabaseError) -> Answer {
        do {
            let answer = try session.run(sql, values, isKept: isKept)
            core.giveBack(session)
            return answer
        } catch {
            core.settle(session, after: error)
            throw error
        }
    }
}

/// Counters of a pool since it was made.
public struct PoolStatistics: Sendable, Equatable {
    /// Connections now: lent, resting or being made.
    public var connections = 0
    public var opened = 0
    /// Connections that broke or timed out.
    public var lost = 0
    /// Calls refused at once by the open breaker.
    public var refused = 0
}

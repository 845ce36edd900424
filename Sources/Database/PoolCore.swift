import System

/// The state behind a pool; its prober thread holds it too, so it may outlive the pool for the length of one probe.
///
/// `@unchecked Sendable`: every variable is touched only within `condition.locked`.
final class PoolCore: @unchecked Sendable {
    /// Nanoseconds between two probes of a server that is away.
    private static let probePause: UInt64 = 250_000_000
    /// Of one that does not let us in: it writes a line for each attempt, and only a person can change that.
    private static let refusedPause: UInt64 = 2_000_000_000

    private let settings: ConnectionSettings
    private let size: Int
    private let wait: Duration
    private let onChange: @Sendable (PoolEvent) -> Void

    private let condition = Condition()
    private var idle: [Session] = []
    private var breaker = Breaker()
    private var counters = PoolStatistics()
    private var hasProber = false
    private var isStopped = false

    init(
        _ settings: ConnectionSettings, size: Int, wait: Duration, onChange: @escaping @Sendable (PoolEvent) -> Void
    ) {
        self.settings = settings
        self.size = size
        self.wait = wait
        self.onChange = onChange
    }

    var failure: DatabaseError? { condition.locked { breaker.failure } }

    var statistics: PoolStatistics { condition.locked { counters } }

    func stop() {
        // Taken out under the lock, closed after it.
        _ = condition.locked {
            isStopped = true
            condition.broadcast()
            defer { idle = [] }
            return idle
        }
    }

    // MARK: Lending

    private enum Place {
        case session(Session)
        case room
        case failed(DatabaseError)
    }

    /// A resting connection, a new one, or the first that comes back.
    func borrow() throws(DatabaseError) -> Session {
        switch place() {
        case .session(let session): return session
        case .failed(let error): throw error
        case .room: return try connect()
        }
    }

    private func place() -> Place {
        let deadline = ContinuousClock.now + wait
        return condition.locked {
            while true {
                if let error = breaker.failure {
                    counters.refused += 1
                    return .failed(error)
                }
                // The one used last: the others may rest until the server closes them.
                if let session = idle.popLast() { return .session(session) }
                if counters.connections < size {
                    counters.connections += 1
                    return .room
                }
                let left = deadline - ContinuousClock.now
                guard left > .zero else {
                    return .failed(DatabaseError(.busy, message: "all \(size) connections are in use"))
                }
                condition.wait(nanoseconds: left.nanoseconds)
            }
        }
    }

    func giveBack(_ session: Session) {
        let report = condition.locked {
            idle.append(session)
            condition.broadcast()
            return breaker.close(at: .now)
        }
        if let report { onChange(.back(after: report)) }
    }

    /// After a failed statement: keeps the connection where it still works, else drops it and opens the breaker.
    func settle(_ session: Session, after error: DatabaseError) {
        guard error.breaksConnection else { return giveBack(session) }
        drop(session)
        if error.kind == .away || error.kind == .timeout { open(error) }
    }

    /// A new connection in the place of one that broke. The resting ones broke with it more often than not.
    func replace(_ session: Session) throws(DatabaseError) -> Session {
        _ = condition.locked {
            counters.lost += 1 + idle.count
            counters.connections -= idle.count
            defer { idle = [] }
            return idle
        }
        return try connect()
    }

    private func drop(_ session: Session) {
        condition.locked {
            counters.lost += 1
            counters.connections -= 1
            condition.broadcast()
        }
    }

    /// Connects in a place that the caller has taken; gives the place back where that fails.
    private func connect() throws(DatabaseError) -> Session {
        do {
            let session = try Session(settings)
            let report = condition.locked {
                counters.opened += 1
                return breaker.close(at: .now)
            }
            if let report { onChange(.back(after: report)) }
            return session
        } catch {
            condition.locked { counters.connections -= 1 }
            open(error)
            throw error
        }
    }

    // MARK: The breaker

    private func open(_ error: DatabaseError) {
        let (isNew, startProber) = condition.locked {
            let isNew = breaker.open(error, at: .now)
            let startProber = !hasProber && !isStopped
            if startProber { hasProber = true }
            // Who waits for a connection is refused now, and the prober wakes.
            condition.broadcast()
            return (isNew, startProber)
        }
        if isNew { onChange(.away(error)) }
        guard startProber else { return }
        do {
            _ = try Threads.start("database") { self.probe() }
        } catch {
            // No thread to be had: with the breaker closed the next caller asks the server itself.
            condition.locked {
                hasProber = false
                _ = breaker.close(at: .now)
            }
        }
    }

    /// One thread for the life of the pool, asleep while the breaker is closed.
    private func probe() {
        while waitForWork() {
            let session: Session
            do {
                session = try Session(settings)
            } catch {
                let isReachable = error.kind == .refused || error.kind == .schema
                pause(isReachable ? Self.refusedPause : Self.probePause)
                continue
            }
            let report = condition.locked {
                counters.opened += 1
                if counters.connections < size && !isStopped {
                    counters.connections += 1
                    idle.append(session)
                }
                condition.broadcast()
                return breaker.close(at: .now)
            }
            if let report { onChange(.back(after: report)) }
        }
    }

    /// Sleeps until the time is over or the pool has ended; other news does not shorten it.
    private func pause(_ nanoseconds: UInt64) {
        let deadline = ContinuousClock.now + .nanoseconds(nanoseconds)
        condition.locked {
            while !isStopped {
                let left = deadline - ContinuousClock.now
                guard left > .zero else { return }
                condition.wait(nanoseconds: left.nanoseconds)
            }
        }
    }

    /// Returns when the breaker is open (true) or the pool has ended (false).
    private func waitForWork() -> Bool {
        condition.locked {
            while !isStopped && !breaker.isOpen { condition.wait() }
            return !isStopped
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: UInt64 {
        UInt64(components.seconds) * 1_000_000_000 + UInt64(components.attoseconds / 1_000_000_000)
    }
}

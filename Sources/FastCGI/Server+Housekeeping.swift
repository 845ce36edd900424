/// What must happen without any event: idle connections end, and a paused entrance opens again.
extension Server {
    /// How often a paused entrance is looked at.
    private static let pauseLength: UInt64 = 20_000_000
    /// A connection idle for less is likely to be used again at once, and is not closed to make room.
    private static let leastIdle: UInt64 = 1_000_000_000

    /// ns until it wants to be called again.
    func housekeep(_ now: UInt64) -> UInt64 {
        let idleTimeout = limits.idleTimeout.nanoseconds
        if now > idleTimeout {
            closeIdle(table.claimIdle(before: now - idleTimeout))
        }
        let interval = max(idleTimeout / 16, 1_000_000)
        guard entrance.isPaused.load(ordering: .acquiring), currentPhase == .serving else { return interval }
        makeRoom(now)
        if entrance.regainSpare() && table.openCount < limits.maxConnections {
            entrance.isPaused.store(false, ordering: .releasing)
            watchListener()
            return interval
        }
        return Server.pauseLength
    }

    /// New connections wait, so the longest idle ones go: nginx opens another when it needs one.
    private func makeRoom(_ now: UInt64) {
        guard now > Server.leastIdle else { return }
        closeIdle(table.claimIdle(before: now - Server.leastIdle, limit: 16))
    }

    /// Closes claimed connections, but for those on which a request has just come. True when there was none.
    @discardableResult
    func closeIdle(_ connections: [Connection]) -> Bool {
        var byte: [UInt8] = [0]
        var wereIdle = true
        for connection in connections {
            if case .bytes = Socket.peek(connection.descriptor, into: &byte) {
                wereIdle = false
                rearm(connection)
            } else {
                counters.idleCloses.add(1, ordering: .relaxed)
                close(connection)
            }
        }
        return wereIdle
    }
}

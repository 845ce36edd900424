/// The slow lane's thread, which also does the housekeeping.
extension Server {
    func runSlowLane() {
        var workspace = Workspace(limits: limits)
        // Edge-triggered: a connection that was not read empty gives no further event.
        var unread: Set<Connection> = []
        var delay: UInt64 = 0
        while currentPhase != .stopped || slowLane.count > 0 {
            var turn = unread
            var hungUp: Set<Connection> = []
            unread = []
            slowLane.poller.wait(nanoseconds: turn.isEmpty ? delay : 0) { event in
                guard event.token != SlowLane.wakeToken else { return slowLane.clearWake() }
                let connection = Connection(token: event.token)
                turn.insert(connection)
                if !event.events.isDisjoint(with: [.hangUp, .peerClosed, .error]) { hungUp.insert(connection) }
            }
            for connection in turn {
                guard let entry = slowLane.entry(connection) else { continue }
                switch entry.work {
                case .gather: look(connection, &workspace, isEnded: hungUp.contains(connection))
                case .discard(let bytes):
                    if !discard(connection, bytes, &workspace) { unread.insert(connection) }
                }
            }
            let now = coarseNow()
            delay = min(expire(now), housekeep(now))
        }
    }

    /// Looks whether a request has become whole.
    private func look(_ connection: Connection, _ workspace: inout Workspace, isEnded: Bool) {
        guard case .bytes(let count) = Socket.peek(connection.descriptor, into: &workspace.buffer) else {
            return cutShort(connection)
        }
        switch workspace.judge(count, names) {
        case .incomplete: if isEnded { cutShort(connection) }
        case .whole, .headOnly:
            // To a fast thread, which finds it ready at once.
            slowLane.remove(connection)
            rearm(connection)
        case .refused(let reason):
            slowLane.remove(connection)
            refuse(connection, reason)
        }
    }

    private func cutShort(_ connection: Connection) {
        counters.cutShort.add(1, ordering: .relaxed)
        slowLane.remove(connection)
        close(connection)
    }

    /// Reads and throws away for a while; false when there is more.
    private func discard(_ connection: Connection, _ bytes: Int, _ workspace: inout Workspace) -> Bool {
        var left = bytes
        // At most 1 MiB in a turn: other connections wait.
        while left > 0 && bytes - left < 1 << 20 {
            switch Socket.discard(connection.descriptor, into: &workspace.buffer) {
            case .bytes(let count): left -= count
            case .nothing:
                slowLane.update(connection, .discard(bytes: left))
                return true
            case .ended:
                endSlowClose(connection, isTimeout: false)
                return true
            }
        }
        guard left > 0 else {
            endSlowClose(connection, isTimeout: true)
            return true
        }
        slowLane.update(connection, .discard(bytes: left))
        return false
    }

    private func endSlowClose(_ connection: Connection, isTimeout: Bool) {
        counters.slowCloses.add(1, ordering: .relaxed)
        if isTimeout { counters.slowCloseTimeouts.add(1, ordering: .relaxed) }
        slowLane.remove(connection)
        close(connection)
    }

    /// Closes what is past its deadline; ns to the next deadline.
    private func expire(_ now: UInt64) -> UInt64 {
        let (late, next) = slowLane.overdue(at: now)
        for connection in late { closeOverdue(connection) }
        return next.map { $0 - now } ?? .max
    }

    private func closeOverdue(_ connection: Connection) {
        switch slowLane.entry(connection)?.work {
        case .discard: endSlowClose(connection, isTimeout: true)
        case .gather:
            counters.slowTimeouts.add(1, ordering: .relaxed)
            slowLane.remove(connection)
            close(connection)
        case nil: return
        }
    }
}

import Synchronization

/// Connections that must be watched for a while and hold no thread: those with a part of a request, and those whose
/// rest is thrown away before they are closed.
///
/// Each is added to an epoll set of its own once, edge-triggered, and never re-armed: while a part of a request lies
/// in the socket, a re-armed or level-triggered entry is always ready, and the thread would spin.
final class SlowLane: Sendable {
    enum Work {
        /// Wait until the request is whole.
        case gather
        /// Read and discard at most so many bytes more, then close.
        case discard(bytes: Int)
    }

    struct Entry {
        var work: Work
        /// `coarseNow()`
        var deadline: UInt64
    }

    private struct Entries {
        var all: [Connection: Entry] = [:]
        var gathering = 0
        var discarding: Int { all.count - gathering }
    }

    let poller: Poller
    private let wakeup: Wake
    private let limit: Int
    private let entries = Mutex(Entries())
    static let wakeToken: UInt64 = 0

    init(limit: Int) throws(FastCGIError) {
        self.limit = limit
        poller = try Poller()
        wakeup = try Wake()
        poller.add(wakeup.rawValue, .input, token: SlowLane.wakeToken)
    }

    func wake() { wakeup.signal() }
    func clearWake() { wakeup.clear() }

    var gatheringCount: Int { entries.withLock { $0.gathering } }
    var count: Int { entries.withLock { $0.all.count } }

    /// Takes a connection with a part of a request over; false when there are too many.
    func gather(_ connection: Connection, until deadline: UInt64) -> Bool {
        let isTaken = entries.withLock { entries in
            guard entries.gathering < limit else { return false }
            entries.all[connection] = Entry(work: .gather, deadline: deadline)
            entries.gathering += 1
            return true
        }
        return isTaken && watch(connection)
    }

    /// Takes a connection over to close it; false when there are too many.
    func discard(_ connection: Connection, until deadline: UInt64, bytes: Int) -> Bool {
        let isTaken = entries.withLock { entries in
            guard entries.discarding < limit else { return false }
            entries.all[connection] = Entry(work: .discard(bytes: bytes), deadline: deadline)
            return true
        }
        return isTaken && watch(connection)
    }

    private func watch(_ connection: Connection) -> Bool {
        if poller.add(connection.descriptor, [.input, .peerClosed, .edge], token: connection.token) {
            // The lane may sleep past this deadline: nothing need come on this connection any more.
            wake()
            return true
        }
        forget(connection)
        return false
    }

    func entry(_ connection: Connection) -> Entry? {
        entries.withLock { $0.all[connection] }
    }

    func update(_ connection: Connection, _ work: Work) {
        entries.withLock { $0.all[connection]?.work = work }
    }

    /// The connection leaves the lane and belongs to the caller.
    func remove(_ connection: Connection) {
        poller.remove(connection.descriptor)
        forget(connection)
    }

    private func forget(_ connection: Connection) {
        entries.withLock { entries in
            guard case .gather? = entries.all.removeValue(forKey: connection)?.work else { return }
            entries.gathering -= 1
        }
    }

    /// Connections whose deadline has passed, and the next deadline of the others.
    func overdue(at now: UInt64) -> (connections: [Connection], next: UInt64?) {
        entries.withLock { entries in
            var late: [Connection] = []
            var next: UInt64?
            for (connection, entry) in entries.all {
                if entry.deadline <= now {
                    late.append(connection)
                } else {
                    next = min(next ?? .max, entry.deadline)
                }
            }
            return (late, next)
        }
    }

    /// Makes the deadline of every part of a request now.
    func endGathering(at now: UInt64) {
        entries.withLock { entries in
            for (connection, entry) in entries.all {
                guard case .gather = entry.work else { continue }
                entries.all[connection]?.deadline = now
            }
        }
        wake()
    }
}

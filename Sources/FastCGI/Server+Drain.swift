import Glibc

/// The end of service (design: stop accepting, serve what has bytes waiting, finish what runs, close idle ones last).
extension Server {
    /// A web server connects in order to send: what was accepted just before the end gets this long for its first
    /// byte, ns. To close it at once costs a POST its answer.
    private static let firstByteTime: UInt64 = 100_000_000

    /// Stops accepting, answers what has come, and closes every connection; then the threads end.
    ///
    /// Connections in the listen queue stay there: with a socket inherited from systemd the next worker takes them.
    /// Returns false when requests were still running at the deadline; their threads then go on, and the process
    /// is to exit. A slow close may take `slowCloseDeadline` longer.
    @discardableResult
    public func drain(within limit: Duration) -> Bool {
        let start = coarseNow()
        let deadline = start + limit.nanoseconds
        enter(.draining)
        poller.remove(entrance.descriptor)
        slowLane.wake()
        while coarseNow() < deadline {
            // Not before: a thread may be accepting at this very moment.
            if coarseNow() > start + Server.firstByteTime, hasEnded() {
                endThreads()
                return true
            }
            // Nothing tells of all the conditions at once, and this loop runs once in a worker's life.
            usleep(1000)
        }
        if counters.running == 0 {
            abandonParts()
            endThreads()
            return true
        }
        return false
    }

    /// Whether all is answered and closed. Idle connections are closed here once nothing else is left.
    private func hasEnded() -> Bool {
        guard counters.running == 0, slowLane.gatheringCount == 0 else { return false }
        guard closeIdle(table.claimIdle(before: coarseNow() - Server.firstByteTime)) else { return false }
        // What is left is in the slow close, and ends by itself, or is being looked at by a thread.
        return table.openCount <= slowLane.count && slowLane.gatheringCount == 0
    }

    /// Closes what never became a request within the time.
    private func abandonParts() {
        closeIdle(table.claimIdle(before: .max))
        slowLane.endGathering(at: coarseNow())
    }
}

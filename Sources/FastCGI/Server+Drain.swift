import Glibc

/// The end of service (design: stop accepting, serve what has bytes waiting, finish what runs, close idle ones last).
extension Server {
    /// Stops accepting, answers what has come, and closes every connection; then the threads end.
    ///
    /// Connections in the listen queue stay there: with a socket inherited from systemd the next worker takes them.
    /// Returns false when requests were still running at the deadline; their threads then go on, and the process
    /// is to exit. A slow close may take `slowCloseDeadline` longer.
    @discardableResult
    public func drain(within limit: Duration) -> Bool {
        let deadline = coarseNow() + limit.nanoseconds
        enter(.draining)
        poller.remove(entrance.descriptor)
        slowLane.wake()
        while coarseNow() < deadline {
            if hasEnded() {
                endThreads()
                return true
            }
            // Nothing tells of all the conditions at once, and this loop runs once in a worker's life.
            usleep(1000)
        }
        if counters.running.load(ordering: .acquiring) == 0 {
            abandonParts()
            endThreads()
            return true
        }
        return false
    }

    /// Whether all is answered and closed. Idle connections are closed here once nothing else is left.
    private func hasEnded() -> Bool {
        guard counters.running.load(ordering: .acquiring) == 0, slowLane.gatheringCount == 0 else { return false }
        guard closeIdle(table.claimIdle(before: .max)) else { return false }
        // What is left is in the slow close, and ends by itself, or is being looked at by a thread.
        return table.openCount <= slowLane.count && slowLane.gatheringCount == 0
    }

    /// Closes what never became a request within the time.
    private func abandonParts() {
        closeIdle(table.claimIdle(before: .max))
        slowLane.endGathering(at: coarseNow())
    }
}

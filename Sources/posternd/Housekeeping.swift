import FastCGI
import Service
import Synchronization
import System

/// Four times a second: the key file, counts and changes, the watchdog, the status line; the status file when it is due.
final class Housekeeping: Sendable {
    private let worker: Worker
    private let server: Server
    private let manager: ServiceManager
    private let statusFile: StatusFile
    private let timer: Timer
    private let isDraining = Atomic<Bool>(false)
    private let known: Mutex<Known>

    private struct Known {
        var requests = Progress(limit: Worker.standstill)
        var status = ""
        /// CLOCK_BOOTTIME, ns.
        var nextFeed: UInt64 = 0
    }

    init(worker: Worker, server: Server, manager: ServiceManager, statusFile: StatusFile, interval: UInt64) {
        self.worker = worker
        self.server = server
        self.manager = manager
        self.statusFile = statusFile
        timer = Timer(interval: interval)
        known = Mutex(Known())
    }

    func start() throws(StartError) {
        do throws(SystemError) {
            try timer.start("housekeeping") { [self] in look(at: .now()) }
        } catch {
            throw .system("\(error)")
        }
    }

    /// The watchdog and the status line end here; keys and events go on until `stop`.
    func startDraining() { isDraining.store(true, ordering: .releasing) }

    /// An orderly end leaves no status file.
    func stop() {
        timer.stop()
        statusFile.remove()
    }

    private func look(at moment: Moment) {
        let statistics = server.statistics
        worker.poll(GateCounts.of(statistics), at: moment)
        guard !isDraining.load(ordering: .acquiring) else { return write(.draining, statistics, at: moment) }
        let isSound = worker.isSound(at: moment)
        let isWell = known.withLock { known in
            let isServing = known.requests.isMoving(
                underWay: statistics.running, done: statistics.answered + statistics.failedAnswers, at: moment.boot)
            let mayFeed = isServing && isSound
            let status = (mayFeed ? "ready, " : "not sound, ") + worker.status()
            if status != known.status {
                known.status = status
                manager.status(status)
            }
            guard mayFeed, let interval = manager.watchdogInterval, moment.boot >= known.nextFeed else {
                return mayFeed
            }
            known.nextFeed = moment.boot + interval
            manager.feedWatchdog()
            return mayFeed
        }
        write(isWell ? .ready : .notSound, statistics, at: moment)
    }

    private func write(_ state: WorkerStatus.State, _ statistics: Statistics, at moment: Moment) {
        let error = statusFile.write(state, at: moment) { status in
            worker.fill(&status)
            status.connections = statistics.open
        }
        if let error { worker.statusFailed(error) }
    }
}

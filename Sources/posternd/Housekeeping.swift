import FastCGI
import Service
import Synchronization
import System

/// Four times a second: the key file, counts and changes, the watchdog, the status line.
final class Housekeeping: Sendable {
    private let worker: Worker
    private let server: Server
    private let manager: ServiceManager
    private let timer: Timer
    private let isDraining = Atomic<Bool>(false)
    private let known: Mutex<Known>

    private struct Known {
        var requests = Progress(limit: Worker.standstill)
        var status = ""
        /// CLOCK_BOOTTIME, ns.
        var nextFeed: UInt64 = 0
    }

    init(worker: Worker, server: Server, manager: ServiceManager, interval: UInt64) {
        self.worker = worker
        self.server = server
        self.manager = manager
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

    func stop() { timer.stop() }

    private func look(at moment: Moment) {
        let statistics = server.statistics
        worker.poll(GateCounts.of(statistics), at: moment)
        guard !isDraining.load(ordering: .acquiring) else { return }
        let isSound = worker.isSound(at: moment)
        known.withLock { known in
            let isServing = known.requests.isMoving(
                underWay: statistics.running, done: statistics.answered + statistics.failedAnswers, at: moment.boot)
            let mayFeed = isServing && isSound
            let status = (mayFeed ? "ready, " : "not sound, ") + worker.status()
            if status != known.status {
                known.status = status
                manager.status(status)
            }
            guard mayFeed, let interval = manager.watchdogInterval, moment.boot >= known.nextFeed else { return }
            known.nextFeed = moment.boot + interval
            manager.feedWatchdog()
        }
    }
}

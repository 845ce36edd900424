import Service
import Synchronization
import System

/// Four times a second: the key file, the watchdog, the status line.
final class Housekeeping: Sendable {
    private let worker: Worker
    private let manager: ServiceManager
    private let timer: Timer

    init(worker: Worker, manager: ServiceManager, interval: UInt64) {
        self.worker = worker
        self.manager = manager
        timer = Timer(interval: interval)
    }

    func start() throws(StartError) {
        do throws(SystemError) {
            try timer.start("housekeeping") { [worker, manager] in
                worker.poll()
                guard worker.isSound() else { return manager.status("not sound, " + worker.status()) }
                manager.feedWatchdog()
                manager.status("ready, " + worker.status())
            }
        } catch {
            throw .system("\(error)")
        }
    }

    func stop() { timer.stop() }
}

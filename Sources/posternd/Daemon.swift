import FastCGI
import Service
import System

/// A running worker process: the FastCGI server, the housekeeping, and the one thread that takes signals.
struct Daemon: ~Copyable {
    /// Longer than any request may take: the slowest is a login that waits for its hash.
    private static let drainLimit: Duration = .seconds(20)
    private static let housekeepingInterval: UInt64 = 250_000_000

    private let worker: Worker
    private let server: Server
    private let manager = ServiceManager()

    init(worker: Worker, socket: consuming FileDescriptor) throws(StartError) {
        self.worker = worker
        var limits = Limits()
        let threads = worker.settings.service.fastThreads
        if threads > 0 { limits.fastThreads = threads }
        do throws(FastCGIError) {
            server = try Server(listening: socket, limits: limits) { worker.handle($0) }
        } catch {
            throw .system("\(error)")
        }
        server.register(worker.settings.limits.parameters)
    }

    /// Serves until SIGTERM; SIGHUP reads the settings again.
    func run() throws(StartError) -> Int32 {
        try worker.start()
        do throws(FastCGIError) {
            try server.start()
        } catch {
            throw .system("\(error)")
        }
        let number = Environment.value("POSTERN_WORKER") ?? "-"
        let housekeeping = Housekeeping(
            worker: worker, server: server, manager: manager,
            statusFile: StatusFile(worker.settings, number: number), interval: Daemon.housekeepingInterval)
        try housekeeping.start()
        worker.ready(number: number)
        manager.ready(status: "ready, " + worker.status())
        while true {
            switch Signals.wait() {
            case .reload: worker.reload { server.register($0.limits.parameters) }
            case .terminate: return stop(housekeeping)
            }
        }
    }

    /// No request that has been sent is lost: stop accepting, finish what runs, then end.
    private func stop(_ housekeeping: Housekeeping) -> Int32 {
        housekeeping.startDraining()
        manager.stopping(status: "draining")
        let isDrained = server.drain(within: Daemon.drainLimit)
        housekeeping.stop()
        worker.stop()
        worker.log(Event("worker.stopped").with("drained", isDrained ? "yes" : "no"))
        return 0
    }
}

import Glibc

/// POSIX threads that leave every signal but the faults to the one thread that waits for them.
public enum Threads {
    /// Starts a thread.
    ///
    /// Call it from a nonisolated function: a closure made in `main.swift` belongs to the main actor and traps here.
    public static func start(
        _ name: String, for duty: Thread.Duty = .anything, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) -> Thread {
        let start = unsafe Unmanaged.passRetained(ThreadStart(name: name, duty: duty, body: body))
        var handle = pthread_t()
        let code = unsafe pthread_create(&handle, nil, threadMain, start.toOpaque())
        guard code == 0 else {
            unsafe start.release()
            throw SystemError("start thread \(name)", errno: code)
        }
        return Thread(handle: handle)
    }

    /// Rests the calling thread (usleep(3)).
    public static func pause(microseconds: UInt32) { usleep(microseconds) }
}

/// A running thread.
public struct Thread: Sendable {
    /// What it is for, which decides how it shares the processor with others (sched(7)).
    public enum Duty: Sendable {
        case anything
        /// Answers requests in some microseconds each. It wakes without interrupting whoever runs (SCHED_BATCH): a web
        /// server that hands on a request then hands on those behind it too, in place of one change of threads for each.
        /// Half as many requests again (docs/performance.md).
        case answering
        /// Calculates for long, and gives way to others meanwhile (`Background`).
        case calculating(niceness: Int32)
    }

    let handle: pthread_t

    /// Waits for its end; call it once.
    public func join() {
        _ = pthread_join(handle, nil)
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let duty: Thread.Duty
    let body: @Sendable () -> Void

    init(name: String, duty: Thread.Duty, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.duty = duty
        self.body = body
    }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    Signals.blockAllButFaults()
    nameThisThread(start.name)
    switch start.duty {
    case .anything: break
    case .answering: Scheduling.batch.take()
    case .calculating(let niceness): Background.begin(niceness: niceness)
    }
    start.body()
    return nil
}

/// The kernel keeps 15 bytes (proc(5), comm); a thread without a name works as well.
private func nameThisThread(_ name: String) {
    guard let file = try? FileDescriptor.open("/proc/thread-self/comm", O_WRONLY) else { return }
    try? file.writeAll(Array(name.utf8.prefix(15)))
}

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
        /// Answers requests in some microseconds each (`AnsweringThreads`).
        case answering
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
    case .anything: start.body()
    case .answering: AnsweringThreads.include(while: start.body)
    }
    return nil
}

/// As ps(1) and top(1) show it. The kernel keeps 15 bytes (proc(5), comm); a thread without a name works as well.
func nameThisThread(_ name: String) {
    guard let file = try? FileDescriptor.open("/proc/thread-self/comm", O_WRONLY) else { return }
    try? file.writeAll(Array(name.utf8.prefix(15)))
}

import Glibc

/// POSIX threads that leave every signal but the faults to the one thread that waits for them.
public enum Threads {
    /// Starts a thread; `niceness` above 0 gives way to the others (nice(2) is per thread on Linux).
    ///
    /// Call it from a nonisolated function: a closure made in `main.swift` belongs to the main actor and traps here.
    public static func start(
        _ name: String, niceness: Int32 = 0, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) -> Thread {
        let start = unsafe Unmanaged.passRetained(ThreadStart(name: name, niceness: niceness, body: body))
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
    let handle: pthread_t

    /// Waits for its end; call it once.
    public func join() {
        _ = pthread_join(handle, nil)
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let niceness: Int32
    let body: @Sendable () -> Void

    init(name: String, niceness: Int32, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.niceness = niceness
        self.body = body
    }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    Signals.blockAllButFaults()
    nameThisThread(start.name)
    // 0 is the calling thread: on Linux each has a niceness of its own (setpriority(2)).
    if start.niceness != 0 {
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, start.niceness)
        LongSlice.take(niceness: start.niceness)
    }
    start.body()
    return nil
}

/// The kernel keeps 15 bytes (proc(5), comm); a thread without a name works as well.
private func nameThisThread(_ name: String) {
    guard let file = try? FileDescriptor.open("/proc/thread-self/comm", O_WRONLY) else { return }
    try? file.writeAll(Array(name.utf8.prefix(15)))
}

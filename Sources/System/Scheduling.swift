import Glibc

/// How threads and processes share the processor (sched(7)).
enum Scheduling {
    /// A thread's policy; it stays as nice as it is.
    enum Policy: Int32 {
        case ordinary = 0
        /// Interrupts nobody when it wakes.
        case batch = 3

        /// False where the kernel or a sandbox does not let it: then all is as it was.
        @discardableResult
        func take(_ thread: pthread_t = pthread_self()) -> Bool {
            var parameters = sched_param()
            return unsafe pthread_setschedparam(thread, rawValue, &parameters) == 0
        }
    }

    /// How far a process steps back: a tenth of the weight of others.
    static let niceness: Int32 = 10

    /// The calling process gives way to others, in each of the ways in which the kernel may share the processor. What is
    /// not allowed or not known here stays as it was.
    static func stepBack() {
        // Linux makes a group of each session and shares between groups first (autogroup), so niceness alone counts only
        // inside of this one. Not more often than ten times a second on a host: who comes too early asks again.
        for _ in 0..<groupTries {
            guard let group = try? FileDescriptor.open("/proc/self/autogroup", O_WRONLY) else { break }
            do throws(SystemError) {
                try group.writeAll(Array("\(niceness)".utf8))
                break
            } catch {
                guard error.errno == EAGAIN else { break }
                usleep(groupPause)
            }
        }
        // Since Linux 6.6 (EEVDF) a running thread is left alone until its slice of some ms is over, also a nice one.
        // Since 6.12 who has a shorter slice interrupts who has a longer one. Older kernels look at niceness alone.
        var attributes = Attributes(nice: niceness, runtime: longestSlice)
        let hasSlices = unsafe withUnsafePointer(to: &attributes) { unsafe call?(setAttributes, 0, $0, 0) == 0 }
        if !hasSlices { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
    }

    private static let groupTries = 50
    /// µs
    private static let groupPause: UInt32 = 100_000
    /// The longest that the kernel knows, ns.
    private static let longestSlice: UInt64 = 100_000_000

    /// struct sched_attr in its first version (sched_setattr(2)), with the usual policy.
    private struct Attributes {
        var size = UInt32(MemoryLayout<Attributes>.size)
        var policy: UInt32 = 0
        var flags: UInt64 = 0
        var nice: Int32
        var priority: UInt32 = 0
        var runtime: UInt64
        var deadline: UInt64 = 0
        var period: UInt64 = 0
    }

    /// syscall(2), which Swift does not import since it is variadic; in glibc it reads registers, however it is called.
    private typealias SystemCall = @convention(c) (Int, Int, UnsafeRawPointer?, Int) -> Int

    private static let call: SystemCall? = {
        guard isKnown, let symbol = unsafe dlsym(nil, "syscall") else { return nil }
        return unsafe unsafeBitCast(symbol, to: SystemCall.self)
    }()

    #if arch(x86_64)
    private static let (isKnown, setAttributes) = (true, 314)
    #elseif arch(arm64)
    private static let (isKnown, setAttributes) = (true, 274)
    #else
    private static let (isKnown, setAttributes) = (false, 0)
    #endif
}

import Glibc

/// How a thread shares the processor (sched(7)).
enum Scheduling {
    /// As important as it was, but it interrupts nobody when it wakes, other than idle ones.
    case batch
    /// Runs when no other thread of the host wants the processor, and is interrupted at once by any that does.
    case idle
    /// Nice, with long slices of the processor. Since Linux 6.6 (EEVDF) a running thread is left alone until its slice of
    /// some ms ends, also a nice one, and a request waits for it at each thread on its way. Since 6.12 a thread may ask
    /// for another length, and who has a shorter slice interrupts who has a longer one. Older kernels look at niceness
    /// alone.
    case nice(Int32)

    /// The longest slice that the kernel knows, ns.
    private static let longestSlice: UInt64 = 100_000_000
    /// linux/sched.h; glibc has them for GNU sources only.
    private static let batchPolicy: UInt32 = 3
    private static let idlePolicy: UInt32 = 5

    /// For a thread of this process; 0 is the calling one. False where the kernel or a sandbox does not let it: then all
    /// is as it was.
    @discardableResult
    func take(thread: pid_t = 0) -> Bool {
        guard let call = unsafe Scheduling.call else { return false }
        var attributes =
            switch self {
            case .batch: Attributes(policy: Scheduling.batchPolicy, nice: getpriority(Scheduling.process, 0))
            case .idle: Attributes(policy: Scheduling.idlePolicy)
            case .nice(let niceness):
                Attributes(policy: UInt32(SCHED_OTHER), nice: niceness, runtime: Scheduling.longestSlice)
            }
        return unsafe withUnsafePointer(to: &attributes) {
            unsafe call(Scheduling.setAttributes, Int(thread), $0, 0) == 0
        }
    }

    /// The calling thread (gettid(2)); nil where system calls have other numbers than we know.
    static var thread: pid_t? { unsafe call.map { pid_t($0(getThread, 0, nil, 0)) } }

    /// Makes the calling thread this nice, and tells whether it may come back from `idle` to it: the kernel asks for the
    /// same right as for less niceness (RLIMIT_NICE, setrlimit(2)), and whoever has it not would stay idle for good.
    static func becomeNice(_ niceness: Int32) -> Bool {
        // 0 is the calling thread: on Linux each has a niceness of its own (setpriority(2)).
        setpriority(process, 0, niceness + 1)
        let mayReturn = setpriority(process, 0, niceness) == 0
        let hasSlices = Scheduling.nice(niceness).take()
        return mayReturn && hasSlices
    }

    private static var process: __priority_which_t { __priority_which_t(PRIO_PROCESS.rawValue) }

    /// struct sched_attr in its first version (sched_setattr(2)).
    private struct Attributes {
        var size = UInt32(MemoryLayout<Attributes>.size)
        var policy: UInt32
        var flags: UInt64 = 0
        var nice: Int32 = 0
        var priority: UInt32 = 0
        var runtime: UInt64 = 0
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
    private static let (isKnown, setAttributes, getThread) = (true, 314, 186)
    #elseif arch(arm64)
    private static let (isKnown, setAttributes, getThread) = (true, 274, 178)
    #else
    private static let (isKnown, setAttributes, getThread) = (false, 0, 0)
    #endif
}

import Glibc

/// How a thread shares the processor (sched(7)). It stays as nice as it is.
enum Scheduling: Int32 {
    case ordinary = 0
    /// Interrupts nobody when it wakes, other than idle ones.
    case batch = 3
    /// Runs when no other thread of the host wants the processor, and is interrupted at once by any that does.
    case idle = 5

    /// False where the kernel or a sandbox does not let it: then all is as it was.
    @discardableResult
    func take(_ thread: pthread_t = pthread_self()) -> Bool {
        var parameters = sched_param()
        return unsafe pthread_setschedparam(thread, rawValue, &parameters) == 0
    }

    /// Makes the calling thread this nice, and tells whether it may come back from `idle` to it: the kernel asks for the
    /// same right as for less niceness (RLIMIT_NICE, setrlimit(2)), and whoever has it not would stay idle for good.
    /// Without it the thread is one more nice.
    static func becomeNice(_ niceness: Int32) -> Bool {
        // 0 is the calling thread: on Linux each has a niceness of its own (setpriority(2)).
        let process = __priority_which_t(PRIO_PROCESS.rawValue)
        setpriority(process, 0, niceness + 1)
        return setpriority(process, 0, niceness) == 0
    }
}

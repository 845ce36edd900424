import Glibc

/// Signals belong to one thread, which waits for them; all others block them (design section 4, point 8).
public enum Signals {
    public enum Event: Sendable { case terminate, reload }

    /// Blocks everything but the faults in the calling thread, and so in the threads it starts.
    public static func blockAllButFaults() {
        var set = sigset_t()
        unsafe sigfillset(&set)
        for fault in [SIGBUS, SIGSEGV, SIGILL, SIGFPE, SIGABRT] { unsafe sigdelset(&set, fault) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// A peer that went away is an error of the write, never the end of the process.
    public static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for the next signal that means something: SIGTERM or SIGINT, SIGHUP. Others are taken and dropped.
    public static func wait() -> Event {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2] { unsafe sigaddset(&set, number) }
        while true {
            var number: Int32 = 0
            guard unsafe sigwait(&set, &number) == 0 else { continue }
            switch number {
            case SIGTERM, SIGINT: return .terminate
            case SIGHUP: return .reload
            default: continue
            }
        }
    }
}

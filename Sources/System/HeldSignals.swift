import Glibc

/// Signals that end or stop a program, held back in the calling thread. What came meanwhile acts when they are let go.
struct HeldSignals {
    private static let numbers = [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP]

    private let before: sigset_t
    private let held: [Int32]

    init() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in HeldSignals.numbers { unsafe sigaddset(&set, number) }
        var before = sigset_t()
        unsafe pthread_sigmask(SIG_BLOCK, &set, &before)
        // Whoever started this program may hold some back as well: those are not ours to let go.
        held = HeldSignals.numbers.filter { unsafe sigismember(&before, $0) == 0 }
        self.before = before
    }

    var isAnyWaiting: Bool {
        var waiting = sigset_t()
        unsafe sigpending(&waiting)
        return held.contains { unsafe sigismember(&waiting, $0) == 1 }
    }

    /// Returns only when no signal that came has ended the program.
    func letGo() {
        var mask = before
        unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
    }
}

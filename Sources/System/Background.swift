import Glibc
import Synchronization

/// Long calculations on threads that were started for them (`Thread.Duty.calculating`): a password hash.
///
/// While it runs, such a calculation gives way to every other thread of the host. One that got nowhere for `patience`
/// is only nice from then on, so that a busy host delays logins and does not stop them. Nothing that others may wait for,
/// a lock above all, may be held meanwhile.
public enum Background {
    /// How long a calculation gives way to everybody, ns.
    static let patience: UInt64 = 2_000_000_000

    /// When the calculation of each thread began, CLOCK_BOOTTIME, ns; those that were raised are no longer in it.
    private static let running = Mutex<[pthread_t: UInt64]>([:])

    /// Set for a thread that may give way, in its own memory.
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()

    /// For the calling thread, from now on.
    static func begin(niceness: Int32) {
        guard Scheduling.becomeNice(niceness) else { return }
        unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
    }

    /// Runs a calculation; on any other thread just so.
    public static func calculate<Result>(_ body: () -> Result) -> Result {
        guard unsafe pthread_getspecific(key) != nil else { return body() }
        let thread = pthread_self()
        running.withLock { $0[thread] = Moment.now().boot }
        Scheduling.idle.take()
        // What it was owed as an ordinary thread it would take before it gave way to anybody (Linux 6.6 on, EEVDF).
        sched_yield()
        let result = body()
        // First this, then the lock: an idle thread must not hold one.
        Scheduling.ordinary.take()
        running.withLock { _ = $0.removeValue(forKey: thread) }
        return result
    }

    /// Ends the giving way of calculations that began `patience` ago.
    static func raise(at now: UInt64, patience: UInt64 = Background.patience) {
        running.withLock { running in
            for (thread, since) in running where now >= since + patience {
                Scheduling.ordinary.take(thread)
                running[thread] = nil
            }
        }
    }
}

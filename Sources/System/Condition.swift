import Glibc

/// A mutex with a condition variable on CLOCK_MONOTONIC, for queues that threads wait on.
///
/// `Synchronization.Mutex` has no condition to wait for, so this wraps pthread_cond(3).
@safe public final class Condition: @unchecked Sendable {
    // Both live at one address for the life of the object, as pthread_mutex_init(3) asks.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let variable = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init() {
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(variable, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(variable)
        unsafe pthread_mutex_destroy(mutex)
        unsafe variable.deallocate()
        unsafe mutex.deallocate()
    }

    public func locked<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Within `locked`: waits for a signal, at most until `nanoseconds` from now.
    public func wait(nanoseconds: UInt64? = nil) {
        guard let nanoseconds else {
            unsafe pthread_cond_wait(variable, mutex)
            return
        }
        var until = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &until)
        let total = UInt64(until.tv_nsec) + nanoseconds
        until.tv_sec += Int(total / 1_000_000_000)
        until.tv_nsec = Int(total % 1_000_000_000)
        unsafe pthread_cond_timedwait(variable, mutex, &until)
    }

    public func signal() { unsafe pthread_cond_signal(variable) }

    public func broadcast() { unsafe pthread_cond_broadcast(variable) }
}

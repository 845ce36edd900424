import Synchronization

/// Calls a closure again and again on a thread of its own.
public final class Timer: Sendable {
    private let interval: UInt64
    private let condition = Condition()
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<Thread?>(nil)

    /// - Parameter interval: ns between the end of one call and the start of the next.
    public init(interval: UInt64) { self.interval = interval }

    public func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let started = try Threads.start(name) { [self] in
            while !isStopping.load(ordering: .acquiring) {
                body()
                condition.locked {
                    if !isStopping.load(ordering: .acquiring) { condition.wait(nanoseconds: interval) }
                }
            }
        }
        thread.withLock { $0 = started }
    }

    /// Waits for the call that may be under way.
    public func stop() {
        condition.locked {
            isStopping.store(true, ordering: .releasing)
            condition.broadcast()
        }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }
}

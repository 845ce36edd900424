import Glibc
import Synchronization

/// A copy of a value for each thread, for what every request reads: settings in force, keys, caches.
///
/// One `Mutex` for all threads spins when they want it at the same moment, which cost a third of all time on two cores
/// (docs/performance.md). Here a thread takes a lock that no other thread wants but at a change.
public final class PerThread<Value: Sendable>: Sendable {
    @usableFromInline
    final class Shard: Sendable {
        // Between one copy's lock and the next: two threads that write to one cache line wait for each other as for a
        // lock. Two lines, since processors fetch them in pairs.
        private let gap = InlineArray<16, UInt64>(repeating: 0)
        @usableFromInline let value: Mutex<Value>
        init(_ value: Value) { self.value = Mutex(value) }
    }

    /// More than the threads of a worker, so that two of them seldom share a copy; sharing one is slower, not wrong.
    private static var count: Int { 64 }
    @usableFromInline let shards: [Shard]

    public init(_ make: () -> Value) {
        shards = (0..<PerThread.count).map { _ in Shard(make()) }
    }

    /// The calling thread's copy. Inlined, so that callers in other modules pay for no generic code.
    @inlinable
    public func withValue<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        shards[ThreadNumber.current % shards.count].value.withLock { body(&$0) }
    }

    /// Puts a new value in place of every copy. Threads see it at their next access, not all at the same instant.
    public func replace(_ value: Value) {
        for shard in shards { shard.value.withLock { $0 = value } }
    }
}

/// A small number for each thread, given at its first question.
@usableFromInline
enum ThreadNumber {
    private static let next = Atomic<Int>(1)
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()

    @usableFromInline static var current: Int {
        if let known = unsafe pthread_getspecific(key) { return Int(bitPattern: known) }
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: number))
        return number
    }
}

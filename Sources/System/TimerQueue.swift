/// Calls closures at times to come, on one thread of its own: what must wait holds no thread meanwhile.
///
/// Bounded. Each closure that was taken is called exactly once: at its time, or at `stop`.
public final class TimerQueue: Sendable {
    private let name: String
    private let capacity: Int
    private let condition = Condition()
    private let state = TimerQueueState()

    public init(name: String, capacity: Int) {
        self.name = name
        self.capacity = capacity
    }

    public func start() throws(SystemError) {
        let thread = try Threads.start(name) { [self] in work() }
        condition.locked { state.thread = thread }
    }

    /// Calls `body` at `due` (CLOCK_BOOTTIME, ns), at once when that is past; false when the queue is full or stopped.
    /// A closure should be short: the others wait for it.
    public func add(at due: UInt64, _ body: @escaping @Sendable () -> Void) -> Bool {
        condition.locked {
            guard !state.isStopping, state.heap.count < capacity else { return false }
            state.heap.insert(TimerHeap.Entry(due: due, number: state.nextNumber, body: body))
            state.nextNumber += 1
            // The thread sleeps until the first one is due; later ones need not wake it.
            if state.heap.first?.due == due { condition.signal() }
            return true
        }
    }

    /// Closures that wait for their time.
    public var count: Int { condition.locked { state.heap.count } }

    /// Calls at once whatever still waits, then ends the thread.
    public func stop() {
        let thread = condition.locked {
            state.isStopping = true
            condition.signal()
            defer { state.thread = nil }
            return state.thread
        }
        thread?.join()
        // Nobody else does, where the thread was never started.
        while let body = condition.locked({ state.heap.removeFirst()?.body }) { body() }
    }

    private func work() {
        while let body = next() { body() }
    }

    /// Waits for the next one's time; nil when the queue is stopped and empty.
    private func next() -> (@Sendable () -> Void)? {
        condition.locked {
            while true {
                let now = Moment.now().boot
                if let first = state.heap.first, state.isStopping || first.due <= now {
                    return state.heap.removeFirst()?.body
                }
                if state.isStopping { return nil }
                condition.wait(nanoseconds: state.heap.first.map { $0.due - now })
            }
        }
    }
}

/// Guarded by the queue's condition; nothing else touches it.
private final class TimerQueueState: @unchecked Sendable {
    var heap = TimerHeap()
    var nextNumber: UInt64 = 0
    var thread: Thread?
    var isStopping = false
}

/// A binary heap: the entry that is due first is at the root, and of two with one time the older.
struct TimerHeap {
    struct Entry {
        let due: UInt64
        let number: UInt64
        let body: @Sendable () -> Void

        fileprivate func comesBefore(_ other: Entry) -> Bool { (due, number) < (other.due, other.number) }
    }

    private var entries: [Entry] = []

    var count: Int { entries.count }
    var first: Entry? { entries.first }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0, entries[child].comesBefore(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> Entry? {
        guard let last = entries.popLast() else { return nil }
        guard let first = entries.first else { return last }
        entries[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < entries.count else { return first }
            let right = left + 1
            let smallest = right < entries.count && entries[right].comesBefore(entries[left]) ? right : left
            guard entries[smallest].comesBefore(entries[parent]) else { return first }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}

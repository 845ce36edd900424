import Synchronization

/// An open connection: its descriptor, and which of that number's lives it is. A number is used again as soon as it
/// is closed, and an event or a closing that comes late must not hit the next connection.
struct Connection: Sendable, Hashable {
    let descriptor: Int32
    let generation: UInt32

    /// What epoll carries.
    var token: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor)) }

    init(descriptor: Int32, generation: UInt32) {
        self.descriptor = descriptor
        self.generation = generation
    }

    init(token: UInt64) {
        descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: token))
        generation = UInt32(token >> 32)
    }
}

/// Who may touch which connection, without a lock.
///
/// A connection is *armed* (it waits in the epoll set and belongs to nobody) or *busy* (one thread, the slow lane or
/// an exchange owns it, and only the owner closes it). *Fired* is busy with an event that another thread took while
/// the owner was still arming: the owner sees it and arms again.
@safe final class ConnectionTable: Sendable {
    private enum State: UInt64 {
        case closed
        case armed
        case busy
        case fired
    }

    /// One place for each descriptor, a cache line long: neighbours are with different threads. Written once here, and
    /// its elements are atomic.
    private nonisolated(unsafe) let places: UnsafeMutablePointer<Place>

    private struct Place: ~Copyable {
        /// Generation << 8 | state.
        let word = Atomic<UInt64>(0)
        /// When the connection last went idle, `coarseNow()`.
        let stamp = Atomic<UInt64>(0)
        private let gap = InlineArray<6, UInt64>(repeating: 0)
    }

    let capacity: Int
    /// No descriptor at or above this was ever opened.
    private let highest = Atomic<Int>(0)
    private let count = Atomic<Int>(0)

    init(capacity: Int) {
        self.capacity = capacity
        unsafe places = .allocate(capacity: capacity)
        for index in 0..<capacity { unsafe (places + index).initialize(to: Place()) }
    }

    deinit {
        unsafe places.deinitialize(count: capacity)
        unsafe places.deallocate()
    }

    var openCount: Int { count.load(ordering: .relaxed) }

    /// A new connection, busy with the caller. nil for a number beyond the table.
    func open(_ descriptor: Int32) -> Connection? {
        let index = Int(descriptor)
        guard index < capacity else { return nil }
        let old = unsafe places[index].word.load(ordering: .relaxed)
        let generation = UInt32(truncatingIfNeeded: old >> 8) &+ 1
        let connection = Connection(descriptor: descriptor, generation: generation == 0 ? 1 : generation)
        unsafe places[index].word.store(word(connection, .busy), ordering: .releasing)
        highest.max(index + 1, ordering: .relaxed)
        count.add(1, ordering: .relaxed)
        return connection
    }

    /// The owner gives the connection back to the epoll set, in which it stands armed already. False when an event
    /// was taken in between: the caller still owns it and must arm again.
    func giveUp(_ connection: Connection) -> Bool {
        let index = Int(connection.descriptor)
        unsafe places[index].stamp.store(coarseNow(), ordering: .relaxed)
        if change(connection, from: .busy, to: .armed) { return true }
        return !change(connection, from: .fired, to: .busy)
    }

    /// A thread got an event. True when the connection now belongs to it.
    func claim(_ connection: Connection) -> Bool {
        guard Int(connection.descriptor) < capacity else { return false }
        while true {
            if change(connection, from: .armed, to: .busy) { return true }
            // The owner is between arming and giving up, and will see this.
            if change(connection, from: .busy, to: .fired) { return false }
            let word = unsafe places[Int(connection.descriptor)].word.load(ordering: .acquiring)
            if word != self.word(connection, .armed) && word != self.word(connection, .busy) { return false }
        }
    }

    /// The owner is about to close the descriptor, or libfcgi has: the number may already have its next life.
    func close(_ connection: Connection) {
        count.subtract(1, ordering: .relaxed)
        if change(connection, from: .busy, to: .closed) { return }
        _ = change(connection, from: .fired, to: .closed)
    }

    /// Claims armed connections that went idle before `time`, the longest idle first, at most `limit`.
    func claimIdle(before time: UInt64, limit: Int = .max) -> [Connection] {
        var idle: [(stamp: UInt64, connection: Connection)] = []
        for index in 0..<min(highest.load(ordering: .relaxed), capacity) {
            let word = unsafe places[index].word.load(ordering: .acquiring)
            guard word & 0xff == State.armed.rawValue else { continue }
            let stamp = unsafe places[index].stamp.load(ordering: .relaxed)
            guard stamp < time else { continue }
            let generation = UInt32(truncatingIfNeeded: word >> 8)
            idle.append((stamp, Connection(descriptor: Int32(index), generation: generation)))
        }
        if idle.count > limit {
            idle.sort { $0.stamp < $1.stamp }
            idle.removeLast(idle.count - limit)
        }
        return idle.map(\.connection).filter { change($0, from: .armed, to: .busy) }
    }

    private func word(_ connection: Connection, _ state: State) -> UInt64 {
        UInt64(connection.generation) << 8 | state.rawValue
    }

    private func change(_ connection: Connection, from old: State, to new: State) -> Bool {
        unsafe places[Int(connection.descriptor)].word.compareExchange(
            expected: word(connection, old), desired: word(connection, new), ordering: .acquiringAndReleasing
        ).exchanged
    }
}

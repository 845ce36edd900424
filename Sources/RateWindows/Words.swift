import Glibc
import Synchronization

/// 64-bit words of the mapped table, each read and changed atomically.
///
/// Every access is sequentially consistent: several steps of the table are of Dekker's form (write here, then read
/// there, against somebody who writes there and reads here), and one single order of all accesses is what their
/// arguments rest on. On x86-64 a load costs nothing extra for it.
///
/// Safe to hold and to send: the words are atomic, a mapping's address range stays mapped for the life of the process
/// (`Mapping.retire` puts anonymous memory in the file's place), and `index` comes only from the table's geometry.
@safe struct Words: @unchecked Sendable {
    private let base: UnsafeMutablePointer<Atomic<UInt64>>

    /// `address` must be aligned to 8 and stay mapped.
    @unsafe init(at address: UnsafeMutableRawPointer) {
        unsafe base = address.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    private init(base: UnsafeMutablePointer<Atomic<UInt64>>) {
        unsafe self.base = base
    }

    @inline(__always)
    func load(_ index: Int) -> UInt64 {
        #if DEBUG
        StepHook.step()
        #endif
        return unsafe base[index].load(ordering: .sequentiallyConsistent)
    }

    /// Asks for the line of a word that may be needed soon, without waiting for it: the processor fetches it beside what
    /// is read next.
    @inline(__always)
    func touch(_ index: Int) {
        _ = unsafe base[index].load(ordering: .relaxed)
    }

    /// One compare-and-swap; true when `index` held `old` and now holds `new`.
    @inline(__always)
    func swap(_ index: Int, from old: UInt64, to new: UInt64) -> Bool {
        #if DEBUG
        StepHook.step()
        #endif
        return unsafe base[index].compareExchange(
            expected: old, desired: new, ordering: .sequentiallyConsistent
        ).exchanged
    }

    /// For words that carry no decision: display, hints, a table that nobody else sees yet.
    @inline(__always)
    func store(_ index: Int, _ value: UInt64) {
        #if DEBUG
        StepHook.step()
        #endif
        unsafe base[index].store(value, ordering: .sequentiallyConsistent)
    }

    @inline(__always)
    func add(_ index: Int, _ count: UInt64) {
        unsafe base[index].wrappingAdd(count, ordering: .sequentiallyConsistent)
    }

    /// Raises the word to `value` when it is lower.
    func raise(_ index: Int, to value: UInt64) {
        var current = load(index)
        while current < value, !swap(index, from: current, to: value) { current = load(index) }
    }

    @inline(__always)
    func advanced(by count: Int) -> Words {
        unsafe Words(base: base + count)
    }

    /// The memory itself, for the calls that map and unmap it.
    var address: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(base) }

    /// Copies words that nobody writes any more into a table that nobody reads yet.
    func copy(from source: Words, count: Int) {
        for index in 0..<count {
            let word = unsafe source.base[index].load(ordering: .sequentiallyConsistent)
            if word != 0 { unsafe base[index].store(word, ordering: .relaxed) }
        }
    }

    /// Words from `origin` to here; the same place in every mapping of one layout.
    @inline(__always)
    func offset(from origin: Words) -> Int {
        unsafe base - origin.base
    }
}

#if DEBUG
/// A test's hand on every atomic step of one thread: it stops the thread at the n-th, as a kill or a long
/// preemption would. Not in release builds.
package enum StepHook {
    package struct Hook: Sendable {
        let thread: UInt
        let body: @Sendable () -> Void

        /// For the calling thread.
        package init(_ body: @escaping @Sendable () -> Void) {
            thread = UInt(pthread_self())
            self.body = body
        }
    }

    package static let isArmed = Atomic<Bool>(false)
    package static let hook = Mutex<Hook?>(nil)

    static func step() {
        guard isArmed.load(ordering: .acquiring) else { return }
        guard let armed = hook.withLock({ $0 }), armed.thread == UInt(pthread_self()) else { return }
        armed.body()
    }
}
#endif

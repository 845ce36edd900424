import RateWindows
import Synchronization
import System

/// Answers that are good for a while, as long as nobody was changed on this host: what a look-up found, or that a
/// password was right.
///
/// Every change made on this host moves a counter in the rate table. Note it before the question is asked and keep the
/// answer with it: the answer is used only while the counter is the same. While the table cannot be read, nothing
/// comes from here.
final class GenerationCache<Name: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let value: Value
        /// CLOCK_BOOTTIME, ns: when the question was asked.
        let asOf: UInt64
        let generation: TableGeneration
        /// Of a thread's own copy: whether the thread has asked for a younger one.
        var isRenewed = false
    }

    /// Bounded: of a full one, what has expired goes first, then everything.
    private struct Shelf: Sendable {
        private(set) var entries: [Name: Entry] = [:]

        mutating func keep(_ entry: Entry, as name: Name, capacity: Int, life: UInt64) {
            if entries.count >= capacity {
                entries = entries.filter { $0.value.asOf + life > entry.asOf }
                if entries.count >= capacity { entries = [:] }
            }
            entries[name] = entry
        }
    }

    private let table: Table
    private let life: UInt64
    private let capacity: Int
    private let common = Mutex(Shelf())
    /// What a thread has found in the common shelf before: it then asks no lock that others want.
    private let nearby = PerThread { Shelf() }

    /// - Parameter life: s; 0 keeps nothing.
    init(table: Table, life: Int, capacity: Int) {
        self.table = table
        self.life = UInt64(life) * 1_000_000_000
        self.capacity = capacity
    }

    /// Entries in the common shelf, good or not.
    var count: Int { common.withLock { $0.entries.count } }

    /// - Parameters:
    ///   - isWanted: whether an answer does; a newer one may.
    ///   - renew: called for an answer that is still good but soon will not be, by each thread once.
    func find(
        _ name: Name, at moment: Moment, where isWanted: (Value) -> Bool = { _ in true }, renew: () -> Void = {}
    ) -> Value? {
        guard life > 0, let generation = table.generation else { return nil }
        func does(_ entry: Entry) -> Bool { isGood(entry, generation, moment) && isWanted(entry.value) }
        if let entry = nearby.withValue({ $0.entries[name] }), does(entry), entry.isRenewed || !isOld(entry, moment) {
            return entry.value
        }
        guard var entry = common.withLock({ $0.entries[name] }), does(entry) else { return nil }
        entry.isRenewed = isOld(entry, moment)
        nearby.withValue { $0.keep(entry, as: name, capacity: capacity / 16, life: life) }
        if entry.isRenewed { renew() }
        return entry.value
    }

    /// In the last quarter of its life.
    private func isOld(_ entry: Entry, _ moment: Moment) -> Bool {
        moment.boot > entry.asOf && moment.boot - entry.asOf >= life / 4 * 3
    }

    /// A reading of the clock may be a little older than the entry: then the entry is fresh.
    private func isGood(_ entry: Entry, _ generation: TableGeneration, _ moment: Moment) -> Bool {
        entry.generation == generation && (moment.boot < entry.asOf || moment.boot - entry.asOf < life)
    }

    /// - Parameters:
    ///   - asOf: when the question was asked, on CLOCK_BOOTTIME, ns.
    ///   - generation: the table's, noted before the question was asked.
    func keep(_ value: Value, as name: Name, asOf: UInt64, generation: TableGeneration) {
        guard life > 0 else { return }
        let entry = Entry(value: value, asOf: asOf, generation: generation)
        common.withLock { $0.keep(entry, as: name, capacity: capacity, life: life) }
    }
}

import Synchronization
import System

/// The rate table: one mapped file, shared by all workers of the host.
///
/// Promise: for a rule "N in W" no half-open window [t, t + W) holds more than N charges of one key, whatever the
/// processes and threads and wherever one is killed. A charge's time is the clock reading (CLOCK_BOOTTIME, ns) that
/// the request brings along. The only error possible is a refusal too many; those are counted. `docs/rate-limits.md`
/// has the argument.
///
/// Sendable, used by all threads at once; a decision makes no system call and, for one charge, no allocation.
public final class Table: Sendable {
    /// 20 MiB: 32,768 addresses, 16,384 users, 8,192 e-mails or pairs and as many marks with an open window at once.
    public static let defaultCapacity = 65_536

    let file: TableFile
    let clock: Clock
    /// The mapping in use, retained until this table goes. Read without a reference count on the way to a decision.
    private let current: Atomic<UInt>
    let lostMarks = Atomic<Int>(0)
    let nextInspection = Atomic<UInt64>(0)
    let recovery = Mutex(Recovery())

    struct Recovery {
        /// Every mapping this table had: few, and a thread may still be inside an old one.
        var mappings: [Mapping] = []
        var failure: RateError?
        /// CLOCK_BOOTTIME, ns: not tried again before.
        var nextAttempt: UInt64 = 0
    }

    /// Maps the table at `path`, or makes it.
    ///
    /// - Parameters:
    ///   - path: on a tmpfs, in a folder that only the service's user writes (`/run/postern`).
    ///   - capacity: entries; a table of another capacity is replaced. About 308 bytes each.
    ///   - owner: user id that the file must belong to; only a process of this user makes one.
    public static func open(
        path: String, capacity: Int = Table.defaultCapacity, owner: UInt32
    ) throws(RateError) -> Table {
        try Table(path: path, capacity: capacity, owner: owner, clock: Clock { Moment.now().boot })
    }

    /// Maps the table at `path` if there is one: to look at it, or to move its counter of user changes. None is made
    /// and none is replaced, neither now nor when this one is lost.
    ///
    /// - Parameters:
    ///   - path: as for `open`.
    ///   - owner: user id that the file must belong to.
    /// - Returns: a table of the capacity it was made with; `nil` when there is none.
    /// - Throws: `.foreignFile`; `.unusable` for another layout, another boot or damage; `.system`.
    public static func openExisting(path: String, owner: UInt32) throws(RateError) -> Table? {
        // A worker may put another file there between our open and our look: then the name leads to the new one.
        for _ in 0..<3 {
            do throws(RateError) {
                return try Table(path: path, capacity: nil, owner: owner, clock: Clock { Moment.now().boot })
            } catch {
                guard error.code == .absent else { throw error }
            }
        }
        return nil
    }

    package init(path: String, capacity: Int?, owner: UInt32, clock: Clock) throws(RateError) {
        file = try TableFile(path: path, capacity: capacity, owner: owner)
        self.clock = clock
        let mapping = try file.openOrCreate(anyCapacity: false)
        current = Atomic(unsafe UInt(bitPattern: Unmanaged.passUnretained(mapping).toOpaque()))
        recovery.withLock { $0.mappings = [mapping] }
    }

    deinit {
        // Nobody can be inside any more: each public call holds the table.
        recovery.withLock { for mapping in $0.mappings { mapping.unmap() } }
    }

    /// The mapping in use. `recovery` keeps it alive.
    var mapping: Mapping {
        let address = current.load(ordering: .sequentiallyConsistent)
        return unsafe Unmanaged<Mapping>.fromOpaque(UnsafeRawPointer(bitPattern: address)!).takeUnretainedValue()
    }

    /// The same, without touching its reference count, which all threads share.
    @inline(__always)
    var view: View {
        let address = current.load(ordering: .sequentiallyConsistent)
        return unsafe Unmanaged<Mapping>.fromOpaque(UnsafeRawPointer(bitPattern: address)!)
            ._withUnsafeGuaranteedRef { $0.view }
    }

    /// Called with `recovery` locked.
    func use(_ mapping: Mapping, _ recovery: inout Recovery) {
        let old = self.mapping
        recovery.mappings.append(mapping)
        recovery.failure = nil
        current.store(
            unsafe UInt(bitPattern: Unmanaged.passUnretained(mapping).toOpaque()), ordering: .sequentiallyConsistent)
        old.retire()
    }

    /// Runs a decision on the mapping in use, and again on the next one when that was lost or replaced meanwhile: only
    /// a decision at whose *end* the mapping still serves counts. `nil` when there is no table.
    @inline(__always)
    func serve<Result>(at now: UInt64, _ body: (View) -> Result) -> Result? {
        inspectIfDue(at: now)
        // No machine is up for 36 years; a reading that large is nonsense, and would look like a free place.
        guard now <= Stamp.timeMask else { return nil }
        for _ in 0..<4 {
            let view = view
            if view.serves {
                let result = body(view)
                if view.serves { return result }
            }
            guard recover() else { return nil }
        }
        return nil
    }

    // MARK: Changes of users

    /// To be called after a user's row was committed: every worker's next look-up asks the database again.
    ///
    /// - Returns: false when there is no table to note it in.
    @discardableResult
    public func noteUserChange() -> Bool {
        serve(at: 0) { $0.words.add(Layout.Header.userChanges, 1) } != nil
    }

    /// What a cached look-up is good for: note it before the query, use the result only while it is the same. `nil`
    /// while the table cannot be read: then nothing is taken from a cache.
    public var generation: TableGeneration? {
        serve(at: 0) { view in
            TableGeneration(
                stamp: view.words.load(Layout.Header.stamp), changes: view.words.load(Layout.Header.userChanges))
        }
    }

    // MARK: For people

    /// `nil` while there is no table.
    public func statistics() -> Statistics? {
        recover() ? Statistics(mapping) : nil
    }

    /// How full the tables are. Reads every entry.
    public func usage(at now: UInt64) -> Usage? {
        serve(at: now) { $0.usage(at: now, clock: clock) }
    }

    /// Why there is no table, or why the file at the path is not the one in use; `nil` when all is well.
    public var failure: RateError? { recovery.withLock { $0.failure } }
}

/// The table's creation and the number of user changes since: equal only while nobody was changed.
public struct TableGeneration: Sendable, Hashable {
    let stamp: UInt64
    let changes: UInt64
}

import Accounts
import HTTP
import RateWindows
import Synchronization
import System

/// Users by id or e-mail, as of now or at most `cacheLife` ago, without a request thread ever waiting for MariaDB.
///
/// A change made on this host moves a counter in the rate table. A look-up notes the counter before its query, and
/// its result is used only while the counter is the same; while the table cannot be read, nothing comes from the cache.
final class UserDirectory: Sendable {
    /// The old Python service put an e-mail where newer tokens have an id.
    enum Name: Hashable, Sendable {
        case id(UserID)
        case email(EmailAddress)
    }

    enum Lookup {
        case known(User?)
        /// Ask with `join`, which answers on another thread.
        case pending
    }

    enum Failure: Error, Sendable {
        case database(Problem)
        /// More look-ups wait than there is room for.
        case busy
    }

    typealias Found = @Sendable (Result<User?, Failure>) -> Void

    private struct Entry: Sendable {
        let user: User?
        let asOf: UInt64
        let generation: TableGeneration
    }

    /// Bounded: of a full one, what has expired goes first, then everything.
    private struct Cache: Sendable {
        private(set) var entries: [Name: Entry] = [:]

        mutating func keep(_ entry: Entry, as name: Name, capacity: Int, life: UInt64) {
            if entries.count >= capacity {
                entries = entries.filter { $0.value.asOf + life > entry.asOf }
                if entries.count >= capacity { entries = [:] }
            }
            entries[name] = entry
        }
    }

    private struct State {
        var cache = Cache()
        var waiting: [Name: [Found]] = [:]
        var waitingCount = 0
    }

    private static let capacity = 16_384
    private static let capacityOfThread = 1024
    private static let mostWaiting = 4096
    /// A look-up that has not begun by then is given up; the query itself has a time-out of its own.
    private static let patience = 1_200

    private let store: UserStore
    private let lane: Lane
    private let table: Table
    private let faults: DatabaseFaults
    private let cacheLife: UInt64
    private let state = Mutex(State())
    /// What a thread has found in the common cache before: it then asks no lock that others want.
    private let nearby = PerThread { Cache() }

    /// - Parameter cacheLife: s; 0 looks everything up.
    init(store: UserStore, lane: Lane, table: Table, faults: DatabaseFaults, cacheLife: Int) {
        self.store = store
        self.lane = lane
        self.table = table
        self.faults = faults
        self.cacheLife = UInt64(cacheLife) * 1_000_000_000
    }

    func find(_ name: Name, at moment: Moment) -> Lookup {
        guard cacheLife > 0, let generation = table.generation else { return .pending }
        if let entry = nearby.withValue({ $0.entries[name] }), isGood(entry, generation, moment) {
            return .known(entry.user)
        }
        guard let entry = state.withLock({ $0.cache.entries[name] }), isGood(entry, generation, moment) else {
            return .pending
        }
        nearby.withValue { $0.keep(entry, as: name, capacity: UserDirectory.capacityOfThread, life: cacheLife) }
        return .known(entry.user)
    }

    /// A reading of the clock may be a little older than the entry: then the entry is fresh.
    private func isGood(_ entry: Entry, _ generation: TableGeneration, _ moment: Moment) -> Bool {
        entry.generation == generation && (moment.boot < entry.asOf || moment.boot - entry.asOf < cacheLife)
    }

    /// Looks a user up; requests for one user at the same time share one query.
    func join(_ name: Name, _ found: @escaping Found) {
        let isFirst: Bool? = state.withLock { state in
            guard state.waitingCount < UserDirectory.mostWaiting else { return nil }
            state.waitingCount += 1
            state.waiting[name, default: []].append(found)
            return state.waiting[name]?.count == 1
        }
        guard let isFirst else { return found(.failure(.busy)) }
        guard isFirst else { return }
        let job = Lane.Job(
            deadline: Moment.now().adding(milliseconds: UserDirectory.patience).boot,
            run: { [self] in query(name) },
            expired: { [self] in answer(take(name), .failure(.busy)) })
        if !lane.submit(job) { answer(take(name), .failure(.busy)) }
    }

    /// Asks again when the counter moved meanwhile: the answer may be from before the change.
    ///
    /// Who waits is taken out before the counter is looked at for the last time: whoever comes later, perhaps after a
    /// change, starts a query of their own. While there is no counter to look at, only who came before the query counts.
    private func query(_ name: Name) {
        var waiting: [Found] = []
        for _ in 0..<3 {
            let generation = table.generation
            let asOf = Moment.now().boot
            if generation == nil { waiting += take(name) }
            let result = look(name)
            if generation != nil { waiting += take(name) }
            if case .success(let user) = result {
                guard table.generation == generation else { continue }
                if let generation { keep(Entry(user: user, asOf: asOf, generation: generation), as: name) }
            }
            return answer(waiting, result)
        }
        answer(waiting, .failure(.busy))
    }

    private func look(_ name: Name) -> Result<User?, Failure> {
        do throws(AccountsError) {
            switch name {
            case .id(let id): return .success(try store.find(id: id))
            case .email(let email): return .success(try store.find(email: email))
            }
        } catch {
            return .failure(.database(faults.problem(error)))
        }
    }

    private func keep(_ entry: Entry, as name: Name) {
        guard cacheLife > 0 else { return }
        state.withLock { $0.cache.keep(entry, as: name, capacity: UserDirectory.capacity, life: cacheLife) }
    }

    /// Who waits for this user now; the next to come starts a query of their own.
    private func take(_ name: Name) -> [Found] {
        state.withLock { state in
            let waiting = state.waiting.removeValue(forKey: name) ?? []
            state.waitingCount -= waiting.count
            return waiting
        }
    }

    private func answer(_ waiting: [Found], _ result: Result<User?, Failure>) {
        for found in waiting { found(result) }
    }
}

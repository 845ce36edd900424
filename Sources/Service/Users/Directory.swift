import Accounts
import HTTP
import RateWindows
import Synchronization
import System

/// Why a look-up gave no answer.
enum LookupFailure: Error, Sendable {
    case database(Problem)
    /// More look-ups wait than there is room for.
    case busy

    var problem: Problem {
        switch self {
        case .database(let problem): problem
        case .busy: Problems.unavailable(reason: "lookups_busy")
        }
    }
}

/// What MariaDB says of a name, as of now or at most `cacheLife` ago, without a request thread ever waiting for it.
///
/// A look-up notes the rate table's counter of changes before its query; see `GenerationCache`.
final class Directory<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    typealias Name = Key
    typealias Failure = LookupFailure

    enum Lookup {
        case known(Value?)
        /// Ask with `join`, which answers on another thread.
        case pending
    }

    typealias Found = @Sendable (Result<Value?, LookupFailure>) -> Void

    private struct State {
        var waiting: [Key: [Found]] = [:]
        var waitingCount = 0
    }

    private static var capacity: Int { 16_384 }
    private static var mostWaiting: Int { 4096 }
    /// A look-up that has not begun by then is given up; the query itself has a time-out of its own. ms
    private static var patience: Int { 1_200 }

    private let lane: Lane
    private let table: Table
    private let faults: DatabaseFaults
    private let keepsAbsence: Bool
    private let ask: @Sendable (Key) throws(AccountsError) -> Value?
    private let cache: GenerationCache<Key, Value?>
    private let state = Mutex(State())

    /// - Parameters:
    ///   - cacheLife: s; 0 looks everything up.
    ///   - keepsAbsence: that there is no such name is kept as well. Not where a client can think up names: they would
    ///     push out what is there.
    init(
        lane: Lane, table: Table, faults: DatabaseFaults, cacheLife: Int, keepsAbsence: Bool,
        _ ask: @escaping @Sendable (Key) throws(AccountsError) -> Value?
    ) {
        self.lane = lane
        self.table = table
        self.faults = faults
        self.keepsAbsence = keepsAbsence
        self.ask = ask
        cache = GenerationCache(table: table, life: cacheLife, capacity: Directory.capacity)
    }

    /// A name that is asked for all the time is looked up anew before its answer is too old: else all its requests
    /// would wait for one query whenever that happens.
    func find(_ name: Key, at moment: Moment) -> Lookup {
        cache.find(name, at: moment, renew: { join(name) { _ in } }).map { .known($0) } ?? .pending
    }

    /// Looks a name up; requests for one name at the same time share one query.
    func join(_ name: Key, _ found: @escaping Found) {
        let isFirst: Bool? = state.withLock { state in
            guard state.waitingCount < Directory.mostWaiting else { return nil }
            state.waitingCount += 1
            state.waiting[name, default: []].append(found)
            return state.waiting[name]?.count == 1
        }
        guard let isFirst else { return found(.failure(.busy)) }
        guard isFirst else { return }
        let job = Lane.Job(
            deadline: Moment.now().adding(milliseconds: Directory.patience).boot,
            run: { [self] in query(name) },
            expired: { [self] in answer(take(name), .failure(.busy)) })
        if !lane.submit(job) { answer(take(name), .failure(.busy)) }
    }

    /// Asks again when the counter moved meanwhile: the answer may be from before the change.
    ///
    /// Who waits is taken out before the counter is looked at for the last time: whoever comes later, perhaps after a
    /// change, starts a query of their own. While there is no counter to look at, only who came before the query counts.
    private func query(_ name: Key) {
        var waiting: [Found] = []
        for _ in 0..<3 {
            let generation = table.generation
            let asOf = Moment.now().boot
            if generation == nil { waiting += take(name) }
            let result = look(name)
            if generation != nil { waiting += take(name) }
            if case .success(let value) = result {
                guard table.generation == generation else { continue }
                if let generation { keep(value, as: name, asOf: asOf, generation) }
            }
            return answer(waiting, result)
        }
        answer(waiting, .failure(.busy))
    }

    private func look(_ name: Key) -> Result<Value?, LookupFailure> {
        do throws(AccountsError) {
            return .success(try ask(name))
        } catch {
            return .failure(.database(faults.problem(error)))
        }
    }

    private func keep(_ value: Value?, as name: Key, asOf: UInt64, _ generation: TableGeneration) {
        guard value != nil || keepsAbsence else { return }
        cache.keep(value, as: name, asOf: asOf, generation: generation)
    }

    /// Who waits for this name now; the next to come starts a query of their own.
    private func take(_ name: Key) -> [Found] {
        state.withLock { state in
            let waiting = state.waiting.removeValue(forKey: name) ?? []
            state.waitingCount -= waiting.count
            return waiting
        }
    }

    private func answer(_ waiting: [Found], _ result: Result<Value?, LookupFailure>) {
        for found in waiting { found(result) }
    }
}

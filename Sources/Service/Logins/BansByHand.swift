import Accounts
import RateWindows
import Synchronization
import System

/// The bans that a sysadmin made, as MariaDB had them a moment ago.
///
/// Read on the logins lane: at once when somebody moved the table's counter of changes (`postern ban` does), else every
/// five seconds. While MariaDB is away, the last list holds; where there is none yet, nobody is let in by it.
final class BansByHand: Sendable {
    private static let life: UInt64 = 5_000_000_000
    /// After a failed reading, ns.
    private static let pause: UInt64 = 1_000_000_000

    private struct List: Sendable {
        var networks: [(network: Network, until: Int64?)] = []
        /// The latest end of each.
        var users: [UserID: Int64] = [:]
        /// Bans of what is no network, written by hand into MariaDB.
        var unusable: [UInt64] = []
    }

    private struct State {
        /// nil: never read.
        var list: List?
        var generation: TableGeneration?
        /// CLOCK_BOOTTIME, ns.
        var due: UInt64 = 0
        var blocked: UInt64 = 0
        var isReading = false
    }

    private let store: BanStore
    private let table: Table
    private let faults: DatabaseFaults
    private let events: @Sendable () -> EventLog
    private let state = Mutex(State())

    init(_ store: BanStore, table: Table, faults: DatabaseFaults, events: @escaping @Sendable () -> EventLog) {
        self.store = store
        self.table = table
        self.faults = faults
        self.events = events
    }

    /// Waits for MariaDB where a reading is due.
    ///
    /// - Throws: what MariaDB said, as long as no list was ever read: an empty one would let everybody in.
    func refresh(at moment: Moment) throws(AccountsError) {
        let generation = table.generation
        let isDue = state.withLock { state in
            // Without a list everybody reads: there is nothing to go by meanwhile.
            guard state.list != nil else { return true }
            // One thread reads; who comes meanwhile goes by the list of before.
            guard !state.isReading, moment.boot >= state.blocked else { return false }
            guard state.generation != generation || moment.boot >= state.due else { return false }
            state.isReading = true
            return true
        }
        guard isDue else { return }
        let list: List
        do throws(AccountsError) {
            list = BansByHand.list(try store.active())
        } catch {
            let hasList = state.withLock { state in
                state.isReading = false
                state.blocked = moment.boot + BansByHand.pause
                return state.list != nil
            }
            guard hasList else { throw error }
            _ = faults.problem(error)
            return
        }
        let isNews = state.withLock { state in
            defer { state.list = list }
            state.isReading = false
            state.generation = generation
            state.due = moment.boot + BansByHand.life
            state.blocked = 0
            return list.unusable != state.list?.unusable ?? [] && !list.unusable.isEmpty
        }
        guard isNews else { return }
        let numbers = list.unusable.map(String.init).joined(separator: ",")
        events().warning(
            Event("ban.unusable").with("id", numbers).with("reason", "no network").with("cure", "postern ban remove"))
    }

    func include(_ origin: LoginOrigin, at moment: Moment) -> Bool {
        let networks = state.withLock { $0.list?.networks ?? [] }
        return networks.contains { ban in
            ban.until.map { $0 > moment.wall } ?? true && ban.network.contains(origin.address)
        }
    }

    func include(_ user: UserID, at moment: Moment) -> Bool {
        state.withLock { $0.list?.users[user] }.map { $0 > moment.wall } ?? false
    }

    private static func list(_ bans: [Ban]) -> List {
        var list = List()
        for ban in bans {
            switch ban.subject {
            case .user(let id): list.users[id] = max(ban.until ?? .max, list.users[id] ?? 0)
            case .network(let text):
                if let network = Network(text) {
                    list.networks.append((network, ban.until))
                } else {
                    list.unusable.append(ban.id)
                }
            }
        }
        return list
    }
}

import Accounts
import RateWindows
import Synchronization
import System

/// The bans that a sysadmin made, as MariaDB had them a moment ago.
///
/// Read on the logins lane: at once when somebody moved the table's counter of changes (`postern ban` does), else every
/// five seconds. While MariaDB is away, the last list holds.
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
        var list = List()
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
    func refresh(at moment: Moment) {
        let generation = table.generation
        let isDue = state.withLock { state in
            // One thread reads; who comes meanwhile goes by the list of before, where there is one.
            guard !state.isReading || state.due == 0, moment.boot >= state.blocked else { return false }
            guard state.generation != generation || moment.boot >= state.due else { return false }
            state.isReading = true
            return true
        }
        guard isDue else { return }
        let list = read()
        let isNews = state.withLock { state in
            state.isReading = false
            guard let list else {
                state.blocked = moment.boot + BansByHand.pause
                return false
            }
            defer { state.list = list }
            state.generation = generation
            state.due = moment.boot + BansByHand.life
            return list.unusable != state.list.unusable && !list.unusable.isEmpty
        }
        guard isNews, let list else { return }
        let numbers = list.unusable.map(String.init).joined(separator: ",")
        events().warning(
            Event("ban.unusable").with("id", numbers).with("reason", "no network").with("cure", "postern ban remove"))
    }

    func include(_ origin: LoginOrigin, at moment: Moment) -> Bool {
        let networks = state.withLock { $0.list.networks }
        return networks.contains { ban in
            ban.until.map { $0 > moment.wall } ?? true && ban.network.contains(origin.address)
        }
    }

    func include(_ user: UserID, at moment: Moment) -> Bool {
        state.withLock { $0.list.users[user] }.map { $0 > moment.wall } ?? false
    }

    /// nil when they could not be read.
    private func read() -> List? {
        do throws(AccountsError) {
            return BansByHand.list(try store.active())
        } catch .notMigrated {
            // The table comes with a migration; until then nobody is banned by hand.
            return List()
        } catch {
            _ = faults.problem(error)
            return nil
        }
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

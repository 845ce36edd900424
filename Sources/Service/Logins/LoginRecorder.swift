import Accounts
import Synchronization
import System

/// Writes what became of logins, and when service tokens were used, to MariaDB, on a thread of its own: no answer waits
/// for it, and none fails with it.
///
/// Bounded: what finds no room is lost and counted (`events.dropped`); the journal has it all the same.
final class LoginRecorder: Sendable {
    static let capacity = 1024
    /// Rows in one statement at most.
    private static let batch = 100
    private static let purgeBatch = 500
    static let second: UInt64 = 1_000_000_000
    private static let purgeInterval = 600 * second
    /// The first purge comes soon after a start, since a worker may be restarted every day.
    static let firstPurge = 60 * second

    private enum Entry: Sendable {
        case event(LoginEvent)
        case network(UserID, String)
        case use(UInt64, String, at: Int64)
    }

    struct Retention: Sendable, Equatable {
        /// s
        var age: Int
        var rows: Int
    }

    private let database: AccountsDatabase
    private let faults: DatabaseFaults
    private let events: @Sendable () -> EventLog
    private let clock: @Sendable () -> Moment
    private let clockShift: ClockShift
    private let lost = Atomic<Int>(0)
    private let condition = Condition()
    private let state: State

    /// Guarded by the condition; nothing else touches it.
    private final class State: @unchecked Sendable {
        var queue: [Entry] = []
        var retention: Retention
        /// CLOCK_BOOTTIME, ns.
        var nextPurge: UInt64
        var thread: Thread?
        var isStopping = false
        var hasToldShift = false

        init(retention: Retention, nextPurge: UInt64) {
            self.retention = retention
            self.nextPurge = nextPurge
        }
    }

    /// - Parameters:
    ///   - events: asked anew for each line.
    ///   - firstPurge: ns after the start.
    ///   - clock: tells whether the time of day was set since.
    init(
        _ database: AccountsDatabase, faults: DatabaseFaults, keep: Retention,
        firstPurge: UInt64 = LoginRecorder.firstPurge, clock: @escaping @Sendable () -> Moment = { .now() },
        events: @escaping @autoclosure @Sendable () -> EventLog
    ) {
        self.database = database
        self.faults = faults
        self.events = events
        self.clock = clock
        clockShift = ClockShift(since: clock())
        state = State(retention: keep, nextPurge: Moment.now().boot + firstPurge)
    }

    func start() throws(SystemError) {
        let thread = try Threads.start("events") { [self] in work() }
        condition.locked { state.thread = thread }
    }

    func add(_ event: LoginEvent) { add(.event(event)) }

    /// The network of a good login, known from then on.
    func note(_ user: UserID, from network: String) { add(.network(user, network)) }

    /// A use of a service token.
    ///
    /// - Parameter seconds: since 1970, UTC.
    func noteUse(of token: UInt64, from address: String, at seconds: Int64) {
        add(.use(token, address, at: seconds))
    }

    /// Events that found no room or could not be written, since the start.
    var dropped: Int { lost.load(ordering: .relaxed) }

    /// Takes new settings: what is older or more than that goes, and at once where they have changed.
    func keep(_ retention: Retention) {
        condition.locked {
            guard state.retention != retention else { return }
            state.retention = retention
            state.nextPurge = 0
            condition.signal()
        }
    }

    /// Writes what is queued, then ends the thread. While MariaDB does not answer, one attempt is made.
    func stop() {
        let thread = condition.locked {
            state.isStopping = true
            condition.signal()
            defer { state.thread = nil }
            return state.thread
        }
        thread?.join()
    }

    private func add(_ entry: Entry) {
        let isTaken = condition.locked {
            guard state.queue.count < LoginRecorder.capacity, !state.isStopping else { return false }
            state.queue.append(entry)
            condition.signal()
            return true
        }
        if !isTaken { lose(1) }
    }

    private func lose(_ count: Int) { lost.add(count, ordering: .relaxed) }

    // MARK: The thread

    private func work() {
        while let entries = next() {
            if !entries.isEmpty, !write(entries) { pause() }
            if let retention = takePurge(), mayPurge(), !purge(retention) { purgeSoon() }
        }
    }

    /// The oldest entries, waited for until a purge is due; nil when the recorder is stopped and all is written.
    private func next() -> [Entry]? {
        condition.locked {
            while state.queue.isEmpty {
                if state.isStopping { return nil }
                let now = Moment.now().boot
                guard now < state.nextPurge else { return [] }
                condition.wait(nanoseconds: state.nextPurge - now)
            }
            let entries = Array(state.queue.prefix(LoginRecorder.batch))
            state.queue.removeFirst(entries.count)
            return entries
        }
    }

    /// False when MariaDB does not answer.
    private func write(_ entries: [Entry]) -> Bool {
        let events = entries.compactMap { if case .event(let event) = $0 { event } else { nil } }
        guard append(events) else { return keep(entries) }
        for entry in entries {
            switch entry {
            case .event: break
            case .network(let user, let network): note(network, of: user)
            case .use(let token, let address, let seconds): noteUse(token, address, seconds)
            }
        }
        return true
    }

    /// False when MariaDB does not answer: an outage may be over in a moment. What the server refuses, it refuses again.
    private func append(_ events: [LoginEvent]) -> Bool {
        guard !events.isEmpty else { return true }
        do throws(AccountsError) {
            try database.loginEvents.append(events)
        } catch {
            tell(error)
            if database.isAway { return false }
            lose(events.count)
        }
        return true
    }

    /// Puts the entries back where they were, as far as there is room; at the stop there is none. Gives false.
    private func keep(_ entries: [Entry]) -> Bool {
        let lost = condition.locked {
            let room = state.isStopping ? 0 : LoginRecorder.capacity
            state.queue.insert(contentsOf: entries, at: 0)
            let surplus = max(0, state.queue.count - room)
            state.queue.removeLast(surplus)
            return surplus
        }
        lose(lost)
        return false
    }

    /// A second, or until the stop.
    private func pause() {
        condition.locked {
            let end = Moment.now().boot + LoginRecorder.second
            while !state.isStopping {
                let now = Moment.now().boot
                guard now < end else { return }
                condition.wait(nanoseconds: end - now)
            }
        }
    }

    private func note(_ network: String, of user: UserID) {
        do throws(AccountsError) {
            try database.networks.noteLogin(user: user, network: network)
        } catch .notFound {
            // Removed since the login.
        } catch {
            tell(error)
        }
    }

    private func noteUse(_ token: UInt64, _ address: String, _ seconds: Int64) {
        do throws(AccountsError) {
            try database.serviceTokens.noteUse(id: token, address: address, at: seconds)
        } catch {
            tell(error)
        }
    }

    // MARK: What goes

    /// What a purge that is due now must keep. The one after it is due in ten minutes; new settings that come while this
    /// one runs make it due at once all the same.
    private func takePurge() -> Retention? {
        condition.locked {
            let now = Moment.now().boot
            guard now >= state.nextPurge else { return nil }
            state.nextPurge = now + LoginRecorder.purgeInterval
            return state.retention
        }
    }

    private func purgeSoon() {
        condition.locked { state.nextPurge = min(state.nextPurge, Moment.now().boot + LoginRecorder.second) }
    }

    /// False while the time of day is not what it was at the start: nobody knows then what is old. Told once each time.
    private func mayPurge() -> Bool {
        let shift = clockShift.seconds(at: clock())
        let isNews = condition.locked {
            defer { state.hasToldShift = shift != nil }
            return !state.hasToldShift
        }
        if let shift, isNews { events().error(Event("purge.held").with("reason", "clock_was_set").with("by_s", shift)) }
        return shift == nil
    }

    /// In small batches, so that logins of this moment are written in between. False when there may be more.
    private func purge(_ keep: Retention) -> Bool {
        do throws(AccountsError) {
            let events = try database.loginEvents.purge(
                olderThan: keep.age, keepRows: keep.rows, batch: LoginRecorder.purgeBatch)
            let networks = try database.networks.purge(batch: LoginRecorder.purgeBatch)
            let bans = try database.bans.purge(batch: LoginRecorder.purgeBatch)
            return max(events, networks, bans) < LoginRecorder.purgeBatch
        } catch {
            tell(error)
            return true
        }
    }

    private func tell(_ error: AccountsError) { _ = faults.problem(error) }
}

extension LoginRecorder.Retention {
    init(_ settings: Settings.Login) { self.init(age: settings.keepEvents, rows: settings.keepEventRows) }
}

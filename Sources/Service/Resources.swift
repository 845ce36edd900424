import Accounts
import Cryptography
import RateWindows
import System
import Tokens

/// What a worker opens once and keeps through a reload: database, keys, rate table, threads.
struct Resources: Sendable {
    let database: AccountsDatabase
    let keys: KeySource
    let table: Table
    /// Everything of a login but its hash: who waits for a hash must not hold up who is refused without one.
    let logins: Lane
    let hashes: Lane
    let hashPlace: HashPlace
    private let hashThreads: Int
    let lookups: Lane
    /// Lists and searches: a flood of them must not hold up who is signed in.
    let queries: Lane
    /// All of them; the watchdog asks whether they go on.
    var lanes: [Lane] { [logins, hashes, lookups, queries] }
    let parking = Parking()
    let recorder: LoginRecorder
    let bans: BansByHand
    let blockedLines = BlockedLines()
    /// What `postern status` tells; they go on through a reload.
    let requestCounts = RequestCounts()
    let loginCounts = LoginCounts()

    /// - Parameter events: asked anew for each event, because a reload changes the log.
    init(
        _ settings: Settings, hashPlace: HashPlace = .here, events: @escaping @autoclosure @Sendable () -> EventLog
    ) throws(StartError) {
        self.hashPlace = hashPlace
        keys = try Resources.keys(settings)
        table = try Resources.table(settings)
        // Beyond eight, hashes take memory and no more logins come through.
        hashThreads =
            settings.service.hashThreads == 0 ? min(8, Environment.processorCount) : settings.service.hashThreads
        let lookupThreads = max(2, settings.database.connections / 2)
        let (queryThreads, loginThreads, recorderThreads) = (2, 2, 1)
        let threads = hashThreads + lookupThreads + queryThreads + loginThreads + recorderThreads
        // No thread waits for another's connection; one more is for readiness.
        let database = try Resources.database(
            settings, connections: max(settings.database.connections, threads + 1), events: events)
        self.database = database
        let faults = DatabaseFaults(events: events()) { database.isAway }
        recorder = LoginRecorder(
            database, faults: faults, keep: LoginRecorder.Retention(settings.login), events: events())
        bans = BansByHand(database.bans, table: table, faults: faults, events: events)
        logins = Lane(name: "login", threads: loginThreads, capacity: 1024)
        hashes = Lane(name: "hash", threads: hashThreads, capacity: settings.service.hashQueue)
        lookups = Lane(name: "lookup", threads: lookupThreads, capacity: 1024)
        queries = Lane(name: "query", threads: queryThreads, capacity: 256)
    }

    /// Starts the threads; call it from a nonisolated function.
    ///
    /// - Parameter isLasting: more than one request is to be answered.
    func start(isLasting: Bool = true) throws(SystemError) {
        if isLasting, case .processes(let processes) = hashPlace { processes.start(hashThreads) }
        try recorder.start()
        try parking.start()
        try hashes.start()
        try logins.start()
        try lookups.start()
        try queries.start()
    }

    /// Finishes what is under way. In the order in which a login passes: each one's work goes on to the next.
    func stop() {
        logins.stop()
        hashes.stop()
        parking.stop()
        recorder.stop()
        lookups.stop()
        queries.stop()
        if case .processes(let processes) = hashPlace { processes.stop() }
    }

    /// How long a replaced secret goes on verifying, s: the longest life of a token signed under either settings.
    static func overlap(_ settings: Settings, before: Settings? = nil) -> Int64 {
        guard settings.keys.keepPrevious else { return 0 }
        return Int64(max(settings.tokens.accessLife, before?.tokens.accessLife ?? 0))
    }

    /// A file that is being written is read again for a second.
    static func keys(_ settings: Settings) throws(StartError) -> KeySource {
        for _ in 0..<20 {
            do throws(KeyFileError) {
                return try KeySource(path: settings.keys.file, keepPrevious: overlap(settings))
            } catch {
                guard error.code == .changing else { throw .settings("\(error)") }
                Threads.pause(microseconds: 50_000)
            }
        }
        throw .system("\(settings.keys.file): changed each time it was read. Cure: write it once, then start again")
    }

    /// The user that the table belongs to: workers and command run as this one.
    static func owner(_ settings: Settings) throws(StartError) -> SystemUser {
        let name = settings.service.user
        guard let user = SystemUser.named(name) else {
            throw .settings(
                "service.user: \"\(name)\" is no user of this system. "
                    + "Cure: systemd-sysusers postern.conf, or correct the setting")
        }
        return user
    }

    private static func table(_ settings: Settings) throws(StartError) -> Table {
        let owner = try owner(settings)
        do throws(RateError) {
            return try Table.open(
                path: settings.service.ratesFile, capacity: settings.service.ratesCapacity, owner: owner.uid)
        } catch {
            switch error.code {
            // A full disk, another process that is making it: gone at the next start.
            case .system, .busy: throw .system("\(error)")
            case .foreignFile, .capacity, .absent, .unusable: throw .settings("\(error)")
            }
        }
    }

    private static func database(
        _ settings: Settings, connections: Int, events: @escaping @Sendable () -> EventLog
    ) throws(StartError) -> AccountsDatabase {
        let place = try DatabaseSettings.place(settings)
        return AccountsDatabase(place, connections: connections) { change in
            DatabaseEvents.write(change, to: events())
        }
    }
}

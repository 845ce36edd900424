import Accounts
import Cryptography
import RateWindows
import System
import Tokens

/// What a worker opens once: database, keys, rate table, lanes.
struct Resources: Sendable {
    let database: AccountsDatabase
    let keys: KeySource
    let table: Table
    let hashes: Lane
    let lookups: Lane

    init(_ settings: Settings, events: EventLog) throws(StartError) {
        keys = try Resources.keys(settings)
        table = try Resources.table(settings)
        database = try Resources.database(settings, events: events)
        let cores = Environment.processorCount
        let hashThreads = settings.service.hashThreads == 0 ? cores : settings.service.hashThreads
        // Niceness: a check must never wait for a login's hash.
        hashes = Lane(name: "hash", threads: hashThreads, capacity: settings.service.hashQueue, niceness: 10)
        lookups = Lane(name: "lookup", threads: max(2, settings.database.connections / 2), capacity: 1024)
    }

    private static func keys(_ settings: Settings) throws(StartError) -> KeySource {
        do throws(KeyFileError) {
            return try KeySource(
                path: settings.keys.file,
                keepPrevious: settings.keys.keepPrevious ? Int64(settings.tokens.accessLife) : 0)
        } catch {
            throw .settings("\(error)")
        }
    }

    private static func table(_ settings: Settings) throws(StartError) -> Table {
        do throws(RateError) {
            return try Table.open(
                path: settings.service.ratesFile, capacity: settings.service.ratesCapacity,
                owner: SystemUser.current().uid)
        } catch {
            throw .settings("\(error)")
        }
    }

    private static func database(_ settings: Settings, events: EventLog) throws(StartError) -> AccountsDatabase {
        let place = try DatabaseSettings.place(settings)
        return AccountsDatabase(place, connections: settings.database.connections) { change in
            DatabaseEvents.write(change, to: events)
        }
    }
}

import Glibc
import RateWindows
import Service
import System

@testable import postern

/// Settings with a rate table of their own, which goes away with the test, and no MariaDB.
final class TablePlace {
    let settings: Settings
    let now = Moment.now()
    let folder = "/dev/shm/postern-tests-\(UInt64.random(in: 0...UInt64.max))"

    init(_ adjust: (inout Settings) throws -> Void = { _ in }) throws {
        try Files.makeDirectory(folder, mode: 0o700)
        var settings = Settings()
        settings.service.ratesFile = folder + "/rates"
        settings.service.ratesCapacity = 4096
        settings.service.user = SystemUser.current().name
        settings.database.socket = folder + "/no-server"
        try adjust(&settings)
        self.settings = settings
    }

    deinit {
        for name in (try? Files.list(folder)) ?? [] { try? Files.remove("\(folder)/\(name)") }
        unsafe rmdir(folder)
    }

    func workers() throws -> Table {
        try Table.open(path: settings.service.ratesFile, capacity: 4096, owner: SystemUser.current().uid)
    }

    /// The table as the command reads it.
    func live() throws -> LiveTable {
        guard let table = try WorkersTable.open(settings) else { throw Failure("no table") }
        return LiveTable(settings, table)
    }
}

extension Table {
    /// Charges a key so many times under the first rule of a limit.
    func charge(_ key: Key, _ limit: RateLimit, number: UInt32, times: Int, at now: UInt64, isWide: Bool = false) {
        let rules = isWide ? limit.wideRules(number: number) : limit.rules(number: number)
        for _ in 0..<times { _ = decide(Charge(rule: rules[0], key: key), at: now) }
    }
}

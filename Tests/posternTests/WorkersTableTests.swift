import RateWindows
import Service
import System
import Testing

@testable import postern

@Suite("The workers' rate table, seen by the command")
struct WorkersTableTests {
    /// Settings with a table of their own, which goes away with the test.
    private final class Place {
        let settings: Settings
        var path: String { settings.service.ratesFile }

        init() {
            var settings = Settings()
            settings.service.ratesFile = "/dev/shm/postern-tests-\(UInt64.random(in: 0...UInt64.max))"
            settings.service.ratesCapacity = 4096
            settings.service.user = SystemUser.current().name
            self.settings = settings
        }

        deinit { try? Files.remove(path) }

        func workers(capacity: Int = 4096) throws -> Table {
            try Table.open(path: path, capacity: capacity, owner: SystemUser.current().uid)
        }
    }

    @Test("A user change reaches the workers and leaves their counts, also when another capacity is set already")
    func change() throws {
        let place = Place()
        let workers = try place.workers(capacity: 1024)
        let charge = Charge(
            rule: try #require(Rule(number: 1, limit: 1, window: 60_000_000_000)), key: .user(high: 1, low: 2))
        let now = Moment.now().boot
        _ = workers.decide(charge, at: now)
        let before = try #require(workers.generation)

        #expect(WorkersTable.noteUserChange(place.settings) == nil)

        let after = try #require(workers.generation)
        #expect(after != before)
        let standing = try place.workers(capacity: 1024).standing(of: charge.key, under: charge.rule, at: now)
        #expect(standing?.remaining == 0)
    }

    @Test("Without a table nobody needs to be told, and none is made")
    func none() {
        let place = Place()
        #expect(WorkersTable.noteUserChange(place.settings) == nil)
        #expect(
            TableLook.finding(place.settings) == .ok("table", "\(place.path): none yet, the first worker makes it"))
        #expect(!Files.exists(place.path))
    }

    @Test("A file that is no table is told, and stays")
    func foreign() throws {
        let place = Place()
        let path = place.path
        try Files.replace(path, with: Array("Not a table.".utf8), mode: 0o600)
        #expect(WorkersTable.noteUserChange(place.settings) == "\(path): not a rate table")
        #expect(TableLook.finding(place.settings).state == .warn)
        try Files.replace(path, with: Array("Not a table.".utf8), mode: 0o644)
        let finding = TableLook.finding(place.settings)
        #expect(finding.state == .fail)
        #expect(finding.cure == "remove it, the worker makes its own")
        #expect(try FileStatus.of(path).size == 12)
    }

    @Test("Check tells how full it is, and that a new capacity will cost the counts")
    func look() throws {
        let place = Place()
        let workers = try place.workers()
        let rule = try #require(Rule(number: 1, limit: 9, window: 60_000_000_000))
        for user: UInt64 in 1...3 {
            _ = workers.decide(Charge(rule: rule, key: .user(high: 1, low: user)), at: Moment.now().boot)
        }
        let finding = TableLook.finding(place.settings)
        #expect(finding.state == .ok)
        #expect(finding.detail.contains(" MiB · 3 of "))

        var settings = place.settings
        settings.service.ratesCapacity = 8192
        let warning = TableLook.finding(settings)
        #expect(warning.state == .warn)
        #expect(warning.detail.contains("made for 4096 entries, service.rates_capacity is 8192"))
        #expect(workers.statistics()?.capacity == 4096)
    }

    @Test("A folder that is not there is a failure with its cure")
    func folder() {
        var settings = Settings()
        settings.service.ratesFile = "/dev/shm/no/such/rates"
        #expect(TableLook.finding(settings).cure == "systemd-tmpfiles --create postern.conf")
    }
}

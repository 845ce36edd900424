import System
import TestKit
import Testing

@testable import Service

@Suite("What the watchdog asks of a worker")
struct SoundnessTests {
    private static let lanes = ["logins", "hashes", "lookups", "queries"]

    private func lane(_ name: String, of worker: Worker) throws -> Lane {
        let resources = worker.resources
        let named = [
            "logins": resources.logins, "hashes": resources.hashes, "lookups": resources.lookups,
            "queries": resources.queries,
        ]
        return try #require(named[name])
    }

    /// Without its hash processes: they would start this test program anew.
    private func start(in folder: TemporaryFolder) throws -> Worker {
        let text = """
            [site]
            issuer = "https://login.example.test"
            [service]
            user = "\(SystemUser.current().name)"
            rates_file = "\(folder.file("rates"))"
            rates_capacity = 1024
            hash_threads = 1
            [database]
            socket = "\(folder.file("no-server"))"
            [keys]
            file = "\(folder.file("keys"))"
            """
        try Files.replace(folder.file("postern.toml"), with: Array(text.utf8), mode: 0o600)
        try Files.replace(folder.file("keys"), with: Array("k9 0f8e7d6c5b4a39281706f5e4d3c2b1a0".utf8), mode: 0o600)
        let worker = try Worker(settingsPath: folder.file("postern.toml"))
        try worker.start(isLasting: false)
        return worker
    }

    @Test("It is not sound when one of its lanes has stood still for more than a minute", arguments: lanes)
    func stuckLane(name: String) throws {
        let folder = try TemporaryFolder()
        let worker = try start(in: folder)
        defer { worker.stop() }
        let lane = try lane(name, of: worker)
        let goOn = Flag()
        defer { goOn.set() }
        let start = Moment.now()
        #expect(worker.isSound(at: start))
        let job = Lane.Job(
            deadline: start.adding(milliseconds: 60_000).boot, run: { goOn.wait() }, expired: {})
        #expect(lane.submit(job))
        #expect(waitUntil { lane.load.running == 1 })
        #expect(worker.isSound(at: start.adding(milliseconds: 60_000)))
        #expect(!worker.isSound(at: start.adding(milliseconds: 61_000)))
        goOn.set()
        #expect(waitUntil { lane.load.running == 0 })
        #expect(worker.isSound(at: start.adding(milliseconds: 61_000)))
    }

    @Test("However long it has nothing to do, it is sound")
    func idle() throws {
        let folder = try TemporaryFolder()
        let worker = try start(in: folder)
        defer { worker.stop() }
        let start = Moment.now()
        for minutes in [0, 1, 2, 600] { #expect(worker.isSound(at: start.adding(milliseconds: minutes * 60_000))) }
    }
}

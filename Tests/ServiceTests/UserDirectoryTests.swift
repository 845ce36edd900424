import HTTP
import RateWindows
import Synchronization
import System
import TestDatabase
import TestKit
import Testing

@testable import Accounts
@testable import Service

@Suite("The directory of users")
struct UserDirectoryTests {
    private let worker: TestWorker
    private let users: TestUsers
    private let anna: UserDirectory.Name

    init() throws {
        users = try TestUsers()
        worker = try TestWorker(database: users.place)
        anna = .id(try users.add(1, "anna@example.org"))
    }

    /// - Parameter lane: the worker's own, which is running, where none is named.
    /// - Parameter life: long, where a test is not about it: a busy machine may stand still for seconds.
    private func directory(life: Int = 300, on lane: Lane? = nil) -> UserDirectory {
        UserDirectory(
            store: users.database.users, lane: lane ?? worker.resources.lookups, table: worker.resources.table,
            faults: DatabaseFaults(events: EventLog(handler: SilentHandler())) { false }, cacheLife: life)
    }

    private func look(_ name: UserDirectory.Name, in directory: UserDirectory) async throws -> User? {
        try await withCheckedContinuation { continuation in
            directory.join(name) { continuation.resume(returning: $0) }
        }.get()
    }

    private func isKnown(_ name: UserDirectory.Name, in directory: UserDirectory, at moment: Moment = .now()) -> Bool {
        if case .known = directory.find(name, at: moment) { true } else { false }
    }

    @Test("A user is looked up once and then known, by id and by e-mail; nobody is known as nobody")
    func known() async throws {
        let directory = directory()
        let names = [anna, .email(try EmailAddress("anna@example.org")), .id(UserID(high: 1, low: 2))]
        for (name, email) in zip(names, ["anna@example.org", "anna@example.org", nil]) {
            #expect(!isKnown(name, in: directory))
            #expect(try await look(name, in: directory)?.email.text == email)
            guard case .known(let user) = directory.find(name, at: .now()) else { throw Expected(what: "known") }
            #expect(user?.email.text == email)
        }
    }

    @Test("A user who is asked for all the time is looked up anew before the answer is too old")
    func renewed() async throws {
        let directory = directory(life: 300)
        _ = try await look(anna, in: directory)
        // On a busy machine the answer may be seconds older than this moment: the last quarter is 75 s long.
        let first = Moment.now()
        let end = first.adding(milliseconds: 300_000)
        #expect(isKnown(anna, in: directory, at: first))
        #expect(!isKnown(anna, in: directory, at: end))
        #expect(isKnown(anna, in: directory, at: first.adding(milliseconds: 230_000)))
        #expect(waitUntil { isKnown(anna, in: directory, at: end) })
    }

    @Test("Many requests for one user share one look-up; another user has another")
    func shared() throws {
        let lane = Lane(name: "test", threads: 1, capacity: 10)
        let directory = directory(on: lane)
        let answers = Answers()
        for _ in 0..<50 { directory.join(anna) { answers.add($0) } }
        directory.join(.id(UserID(high: 1, low: 2))) { answers.add($0) }
        #expect(lane.load.waiting == 2)

        try lane.start()
        defer { lane.stop() }
        #expect(waitUntil { answers.all.count == 51 })
        #expect(answers.emails.filter { $0 == "anna@example.org" }.count == 50)
    }

    @Test("A look-up is good for the life of the cache and not longer, also for a clock reading from before it")
    func life() async throws {
        let directory = directory(life: 5)
        let before = Moment.now()
        _ = try await look(anna, in: directory)
        let after = Moment.now()
        #expect(isKnown(anna, in: directory, at: before))
        #expect(!isKnown(anna, in: directory, at: after.adding(milliseconds: 5_000)))
        // The last: a question so near the end has the user looked up anew.
        #expect(isKnown(anna, in: directory, at: before.adding(milliseconds: 4_999)))
    }

    @Test("A cache life of 0 looks everything up")
    func noCache() async throws {
        let directory = directory(life: 0)
        _ = try await look(anna, in: directory)
        #expect(!isKnown(anna, in: directory))
    }

    @Test("After a noted change everybody is asked again, and the answer is the new one")
    func change() async throws {
        let directory = directory()
        _ = try await look(anna, in: directory)
        guard case .id(let id) = anna else { return }
        try users.database.users.setActive(false, of: id)
        #expect(isKnown(anna, in: directory))

        #expect(worker.resources.table.noteUserChange())
        #expect(!isKnown(anna, in: directory))
        #expect(try await look(anna, in: directory)?.isActive == false)
        #expect(isKnown(anna, in: directory))
    }

    @Test("Without a table nothing is taken from the cache, and everybody is still found")
    func tableLost() async throws {
        let directory = directory()
        _ = try await look(anna, in: directory)
        try worker.loseTable()
        #expect(!isKnown(anna, in: directory))
        #expect(try await look(anna, in: directory)?.email.text == "anna@example.org")
        #expect(!isKnown(anna, in: directory))
    }

    @Test("A lane without room is busy at once, and the next one may come")
    func busy() throws {
        let lane = Lane(name: "test", threads: 1, capacity: 1)
        let directory = directory(on: lane)
        let answers = Answers()
        directory.join(.id(UserID(high: 1, low: 2))) { _ in }
        for _ in 0..<2 { directory.join(anna) { answers.add($0) } }
        #expect(answers.failures == ["busy", "busy"])
        try lane.start()
        defer { lane.stop() }
        #expect(waitUntil { lane.load == (0, 0) })
        directory.join(anna) { answers.add($0) }
        #expect(waitUntil { answers.emails == ["anna@example.org"] })
    }

    @Test("No more wait than there is room for: the one above is told so at once")
    func crowd() {
        let directory = directory(on: Lane(name: "test", threads: 1, capacity: 10))
        let answers = Answers()
        for _ in 0..<4096 { directory.join(anna) { answers.add($0) } }
        #expect(answers.all.isEmpty)
        directory.join(anna) { answers.add($0) }
        #expect(answers.failures == ["busy"])
    }

    @Test("A database without our tables gives 503, and one line says what is missing")
    func failed() async throws {
        let empty = DatabaseName(socket: users.place.socket, name: try TestServer.shared.makeDatabase())
        let worker = try TestWorker(database: empty)
        let token = try worker.token(UserID(high: 1, low: 2), "anna@example.org")
        #expect(await worker.send(.me(token)).status == .serviceUnavailable)
        #expect(worker.lines.of("request.failed").first?.hasSuffix("reason=database_failed") == true)
        let line = try #require(worker.lines.of("database.failed").first)
        #expect(line.hasPrefix("error database.failed error=1146 reason="))
        #expect(!line.contains("\n"))
    }

    @Test("A database that is away gives 503 for a good token, and a line says so")
    func away() async throws {
        let worker = try TestWorker()
        let token = try worker.token(UserID(high: 1, low: 2), "anna@example.org")
        let response = await worker.send(.me(token))
        #expect(response.status == .serviceUnavailable)
        #expect(response.header(.retryAfter) == "1")
        #expect(try response.json["code"]?.string == "unavailable")
        #expect(worker.lines.of("request.failed").first?.hasSuffix("reason=database_away") == true)
        #expect(waitUntil { worker.lines.of("database.away").count == 1 })
    }
}

/// What look-ups answered, in any order.
final class Answers: Sendable {
    private let results = Mutex<[Result<User?, UserDirectory.Failure>]>([])

    var all: [Result<User?, UserDirectory.Failure>] { results.withLock { $0 } }
    var emails: [String] { all.compactMap { (try? $0.get())?.email.text } }
    var failures: [String] {
        all.compactMap { result in
            switch result {
            case .success: nil
            case .failure(.busy): "busy"
            case .failure(.database(let problem)): problem.reason
            }
        }
    }

    func add(_ result: Result<User?, UserDirectory.Failure>) { results.withLock { $0.append(result) } }
}

import Database
import HTTP
import TestDatabase
import TestKit
import Testing

@testable import Accounts
@testable import Service

/// A look-up that has read its row and is held back before it answers: `users` becomes a view that waits for a lock
/// of the test while it sends the row.
@Suite("A change in the middle of a look-up")
final class UserChangeTests {
    private let users: TestUsers
    private let worker: TestWorker
    private let gate: Connection
    private let id: UserID

    init() throws {
        users = try TestUsers()
        worker = try TestWorker(database: users.place)
        id = try users.add(1, "anna@example.org")
        gate = try users.connection()
        let name = users.place.name
        try gate.run(
            script: """
                RENAME TABLE users TO people;
                CREATE VIEW users AS SELECT id, email,
                    IF(GET_LOCK('\(name)', 5) + RELEASE_LOCK('\(name)') > 0, name, '') AS name,
                    is_active, scopes, `groups`, token_version, created_at, updated_at, password_hash FROM people;
                """)
    }

    private func waitForHeldQuery() throws {
        let sql = "SELECT 1 FROM information_schema.processlist WHERE db = ? AND state = 'User lock'"
        try waitUntil("the look-up has read the row") {
            try !gate.execute(sql, [.text(users.place.name)]).rows.isEmpty
        }
    }

    @Test("Nobody gets the user from before it, neither who came before nor who comes after, nor the cache")
    func change() throws {
        let directory = worker.pipeline.identification
        let answers = Answers()
        _ = try gate.execute("SELECT GET_LOCK(?, 5)", [.text(users.place.name)])
        directory.join(.id(id)) { answers.add($0) }
        try waitForHeldQuery()

        _ = try gate.execute("UPDATE people SET is_active = 0, token_version = 2", [])
        #expect(worker.resources.table.noteUserChange())
        directory.join(.id(id)) { answers.add($0) }
        _ = try gate.execute("SELECT RELEASE_LOCK(?)", [.text(users.place.name)])

        #expect(waitUntil { answers.all.count == 2 })
        #expect(answers.failures == [])
        #expect(answers.all.compactMap { (try? $0.get())?.isActive } == [false, false])
        #expect(answers.all.compactMap { (try? $0.get())?.tokenVersion } == [2, 2])
    }

    @Test("The same row without a change is the answer: the view itself changes nothing")
    func noChange() throws {
        let answers = Answers()
        _ = try gate.execute("SELECT GET_LOCK(?, 5)", [.text(users.place.name)])
        worker.pipeline.identification.join(.id(id)) { answers.add($0) }
        try waitForHeldQuery()
        // Without a note nobody can know: this is what shows that the first query had read the old row.
        _ = try gate.execute("UPDATE people SET is_active = 0", [])
        _ = try gate.execute("SELECT RELEASE_LOCK(?)", [.text(users.place.name)])
        #expect(waitUntil { answers.all.count == 1 })
        #expect(answers.all.compactMap { (try? $0.get())?.isActive } == [true])
    }
}

import Accounts
import Database
import Foundation
import TestDatabase
import Testing

/// A database that has run the first migration only, as release 0.1.0 left it.
@Suite("On the schema before")
struct SchemaOneTests {
    static let home = "203.0.113.7"

    let accounts: TestAccounts
    let database: AccountsDatabase
    let anna: UserID

    init() throws {
        accounts = try TestAccounts(migrated: false)
        let before = try Folder()
        for name in ["0000_schema_migrations.sql", "0001_users_and_photos.sql"] {
            try before.write(name, String(contentsOfFile: migrationsDirectory + "/" + name, encoding: .utf8))
        }
        try Migrator(accounts.place, MigrationSet(directory: before.path)).migrate()
        database = AccountsDatabase(accounts.place)
        anna = try accounts.add("anna@x", hash: "$2b$12$old")
    }

    func migrate() throws -> [Int] {
        try Migrator(accounts.place, MigrationSet(directory: migrationsDirectory)).migrate().map(\.number)
    }

    func credentials() throws -> Credentials? {
        try database.users.credentials(email: EmailAddress("anna@x"), network: Self.home)
    }

    var event: LoginEvent {
        LoginEvent(
            at: 1_795_370_400_000, outcome: .failed, reason: "wrong_password", user: anna, address: Self.home,
            door: "login", trace: "")
    }

    /// Everything that schema 2 brings; what each call throws.
    func newCalls() -> [AccountsError?] {
        func failure(_ body: () throws -> Void) -> AccountsError? {
            do {
                try body()
                return nil
            } catch {
                return error as? AccountsError
            }
        }
        return [
            failure { try database.networks.noteLogin(user: anna, network: Self.home) },
            failure { _ = try database.networks.purge() },
            failure { try database.loginEvents.append([event]) },
            failure { _ = try database.loginEvents.last(of: anna) },
            failure { _ = try database.loginEvents.purge(olderThan: 1 << 30, keepRows: 10) },
            failure { try database.bans.add(NewBan(.user(anna), madeBy: "root")) },
            failure { _ = try database.bans.list() },
            failure { _ = try database.bans.active() },
            failure { try database.bans.remove(id: 0) },
            failure { try database.bans.remove(subject: .network(Self.home)) },
        ]
    }

    @Test("a login finds what it needs, and no known network")
    func asBefore() throws {
        #expect(try database.schema() == .oneBack(1, wanted: 2))
        #expect(try database.schema().isUsable)
        let found = try #require(try credentials())
        #expect(found.user.id == anna && found.passwordHash == "$2b$12$old" && !found.isKnownNetwork)
        #expect(try database.users.credentials(email: EmailAddress("bo@x"), network: Self.home) == nil)
        #expect(try database.users.replaceHash(of: anna, old: "$2b$12$old", new: "$2b$12$new"))
        #expect(try database.users.names(of: [anna]) == [anna: EmailAddress("anna@x")])
    }

    @Test("what is not there yet is told as such, with the cure, and is no outage")
    func notMigrated() throws {
        for error in newCalls() {
            #expect(error == .notMigrated(schema: 2))
            #expect(error?.isUnavailable == false)
            #expect(error.map { "\($0)" }?.contains("postern database migrate") == true)
        }
        #expect(!database.isAway && database.statistics.lost == 0)
    }

    @Test("a migration while the service runs makes everything work, without a restart and with all rows")
    func migrated() throws {
        // Every connection of the pool has met the old schema.
        _ = try credentials()
        _ = newCalls()
        let user = try #require(try database.users.find(id: anna))
        #expect(try migrate() == [2])
        #expect(try database.schema() == .current(2))
        #expect(newCalls() == Array(repeating: nil, count: 10))
        #expect(try credentials()?.isKnownNetwork == true)
        #expect(try database.users.find(id: anna) == user)
        #expect(try database.loginEvents.last(of: anna) == [event])
        #expect(try migrate() == [])
    }

    @Test("a migration that stopped half-way leaves a file that can run again")
    func again() throws {
        let sql = try String(contentsOfFile: migrationsDirectory + "/0002_failed_logins.sql", encoding: .utf8)
        for _ in 1...2 { try Connection(accounts.settings).run(script: sql) }
        try accounts.pool.execute("DROP TABLE bans")
        #expect(try migrate() == [2])
        #expect(newCalls() == Array(repeating: nil, count: 10))
    }

    @Test("a database without any schema is no schema before")
    func empty() throws {
        let empty = try TestAccounts(migrated: false)
        let error = try #require(throws: AccountsError.self) {
            try empty.users.credentials(email: EmailAddress("anna@x"), network: Self.home)
        }
        #expect(error.isUnavailable && error.databaseCode == 1146)
    }
}

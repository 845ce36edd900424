import Accounts
import Database
import Foundation
import TestDatabase
import Testing

/// A database that has run the migrations of an earlier release only.
@Suite("On an earlier schema")
struct SchemaBeforeTests {
    static let home = "203.0.113.7"
    static let before = SchemaState.wanted - 1

    let accounts: TestAccounts
    let database: AccountsDatabase

    init() throws {
        accounts = try TestAccounts(migrated: false)
        database = AccountsDatabase(accounts.place)
    }

    /// Runs the migrations up to this one.
    func migrate(to number: Int) throws {
        let folder = try Folder()
        for name in try FileManager.default.contentsOfDirectory(atPath: migrationsDirectory)
        where name.hasSuffix(".sql") && name < "000\(number + 1)" {
            try folder.write(name, String(contentsOfFile: migrationsDirectory + "/" + name, encoding: .utf8))
        }
        try Migrator(accounts.place, MigrationSet(directory: folder.path)).migrate()
    }

    func migrate() throws -> [Int] {
        try Migrator(accounts.place, MigrationSet(directory: migrationsDirectory)).migrate().map(\.number)
    }

    /// Everything that the newest schema brings; what each call throws.
    func newCalls(_ user: UserID) -> [AccountsError?] {
        func failure(_ body: () throws -> Void) -> AccountsError? {
            do {
                try body()
                return nil
            } catch {
                return error as? AccountsError
            }
        }
        let tokens = database.serviceTokens
        let hash = (0..<32).map { _ in UInt8.random(in: 0 ... .max) }
        return [
            failure { _ = try tokens.add(NewServiceToken(of: user, hash: hash, scopes: [], madeBy: "root")) },
            failure { _ = try tokens.list(user: user) },
            failure { _ = try tokens.find(id: 1) },
            failure { _ = try tokens.revoke(id: 0) },
            failure { try tokens.noteUse(id: 0, address: Self.home, at: 1_795_370_400) },
        ]
    }

    @Test("all that the release before could goes on, and a service token is one that nobody knows")
    func asBefore() throws {
        try migrate(to: Self.before)
        let anna = try accounts.add("anna@x", hash: "$2b$12$old")
        #expect(try database.schema() == .oneBack(Self.before, wanted: SchemaState.wanted))
        #expect(try database.schema().isUsable)
        try database.networks.noteLogin(user: anna, network: Self.home)
        let found = try #require(
            try database.users.credentials(email: EmailAddress("anna@x"), network: Self.home))
        #expect(found.user.id == anna && found.passwordHash == "$2b$12$old" && found.isKnownNetwork)
        try database.bans.add(NewBan(.user(anna), madeBy: "root"))
        #expect(try database.bans.active().count == 1)
        #expect(try database.loginEvents.last(of: anna) == [])
        let hash = try #require(ServiceTokenText.hash(try ServiceTokenText.make()))
        #expect(try database.serviceTokens.find(hash: hash) == nil)
    }

    @Test("what is not there yet is told as such, with the cure, and is no outage")
    func notMigrated() throws {
        try migrate(to: Self.before)
        for error in newCalls(try accounts.add("anna@x")) {
            #expect(error == .notMigrated(schema: SchemaState.wanted))
            #expect(error?.isUnavailable == false)
            #expect(error.map { "\($0)" }?.contains("postern database migrate") == true)
        }
        #expect(!database.isAway && database.statistics.lost == 0)
    }

    @Test("a migration while the service runs makes everything work, without a restart and with all rows")
    func migrated() throws {
        try migrate(to: Self.before)
        let anna = try accounts.add("anna@x")
        // Every connection of the pool has met the old schema.
        #expect(newCalls(anna).allSatisfy { $0 != nil })
        let user = try #require(try database.users.find(id: anna))
        #expect(try migrate() == [SchemaState.wanted])
        #expect(try database.schema() == .current(SchemaState.wanted))
        #expect(newCalls(anna) == Array(repeating: nil, count: 5))
        #expect(try database.users.find(id: anna) == user)
        #expect(try database.serviceTokens.list().map(\.userID) == [anna])
        #expect(try migrate() == [])
    }

    @Test("a migration goes from every earlier schema to that of this release", arguments: 0..<SchemaState.wanted)
    func migrations(from number: Int) throws {
        try migrate(to: number)
        let anna = number > 0 ? try accounts.add("anna@x") : nil
        #expect(try migrate() == Array((number + 1)...SchemaState.wanted))
        #expect(try database.schema() == .current(SchemaState.wanted))
        let user = try anna ?? accounts.add("anna@x")
        #expect(newCalls(user) == Array(repeating: nil, count: 5))
    }

    @Test("a migration that stopped half-way leaves a file that can run again")
    func again() throws {
        try migrate(to: Self.before)
        let newest = try #require(try MigrationSet(directory: migrationsDirectory).migrations.last)
        for _ in 1...2 { try Connection(accounts.settings).run(script: newest.sql) }
        #expect(try migrate() == [SchemaState.wanted])
        #expect(newCalls(try accounts.add("anna@x")) == Array(repeating: nil, count: 5))
    }

    @Test("two schemas back is none to run on: what is missing there is an outage with the cure")
    func tooOld() throws {
        try migrate(to: Self.before - 1)
        #expect(try database.schema() == .tooOld(Self.before - 1, wanted: SchemaState.wanted))
        #expect(try !database.schema().isUsable)
        let error = try #require(throws: AccountsError.self) { try database.bans.active() }
        #expect(error.isUnavailable && error.databaseCode == 1146 && "\(error)".contains("postern database migrate"))
    }

    @Test("a database without any schema is no schema before")
    func empty() throws {
        let error = try #require(throws: AccountsError.self) {
            try database.users.credentials(email: EmailAddress("anna@x"), network: Self.home)
        }
        #expect(error.isUnavailable && error.databaseCode == 1146)
    }
}

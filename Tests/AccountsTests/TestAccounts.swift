import Accounts
import Database
import Foundation
import TestDatabase

/// The folder database/ of the source tree.
let migrationsDirectory = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("database").path

/// A fresh database on the shared test server, migrated, with the stores on a pool of their own.
struct TestAccounts {
    let place: DatabasePlace
    let pool: Pool
    let users: UserStore
    let photos: PhotoStore
    let networks: NetworkStore
    let events: LoginEventStore
    let bans: BanStore
    let serviceTokens: ServiceTokenStore

    /// - Parameter connections: of the pool; as many as there are threads, where a test is about MariaDB's locks.
    init(migrated: Bool = true, connections: Int = 4) throws {
        let server = TestServer.shared
        place = DatabasePlace(socket: server.socket, name: try server.makeDatabase(), user: server.user)
        if migrated { try Migrator(place, MigrationSet(directory: migrationsDirectory)).migrate() }
        pool = Pool(server.settings(database: place.name), size: connections)
        users = UserStore(pool)
        photos = PhotoStore(pool)
        networks = NetworkStore(pool)
        events = LoginEventStore(pool)
        bans = BanStore(pool)
        serviceTokens = ServiceTokenStore(pool)
    }

    var settings: ConnectionSettings { TestServer.shared.settings(database: place.name) }

    func id() -> UserID { UserID(random: (0..<16).map { _ in UInt8.random(in: .min ... .max) }) }

    @discardableResult
    func add(_ email: String, name: String = "Anna", hash: String = "$2b$12$hash") throws -> UserID {
        let id = id()
        try users.add(NewUser(id: id, email: EmailAddress(email), name: name, passwordHash: hash))
        return id
    }
}

extension TestAccounts {
    /// Statements that the pool's connection has executed, and those that it has prepared; for a pool of one.
    func counters() throws -> (executed: Int64, prepared: Int64) {
        (executed: try counter("Com_stmt_execute"), prepared: try counter("Com_stmt_prepare"))
    }

    func counter(_ name: String) throws -> Int64 {
        let sql = "SELECT CAST(variable_value AS INT) FROM information_schema.session_status WHERE variable_name = ?"
        return try pool.rows(sql, [.text(name)])[0].integer(0)
    }

    func count(_ table: String) throws -> Int64 {
        try pool.rows("SELECT COUNT(*) FROM \(table)")[0].integer(0)
    }
}

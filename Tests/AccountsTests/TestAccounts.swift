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

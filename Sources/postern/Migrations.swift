import Accounts
import Service
import System

/// The migrations of this release, and as whom they run.
enum Migrations {
    static let standardDirectory = Migration.installedDirectory

    static func load(_ directory: String?) throws -> MigrationSet {
        let directory = directory ?? standardDirectory
        guard Files.exists(directory) else {
            throw Failure("\(directory): there is no such folder. Cure: name that of the migrations with --directory")
        }
        return try MigrationSet(directory: directory)
    }

    /// The database of the settings, as whoever runs this: changing the schema takes rights that the workers lack.
    static func place(_ settings: Settings) throws -> DatabasePlace {
        var place = try DatabaseSettings.place(settings)
        if settings.database.server.isEmpty { place.user = SystemUser.current().name }
        return place
    }

    /// The name that the workers' user has in the database.
    static func workersUser(_ settings: Settings) -> String {
        settings.database.user.isEmpty ? settings.service.user : settings.database.user
    }
}

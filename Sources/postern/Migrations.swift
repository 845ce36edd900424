import Accounts
import Service
import System

/// The migrations of this release: where the package put them, or in the checkout that the program was built in.
enum Migrations {
    static let standardDirectory = Migration.installedDirectory

    static func load(_ directory: String?) throws(MigrationError) -> MigrationSet {
        try MigrationSet(directory: directory ?? found(program: CommandLine.arguments.first ?? ""))
    }

    private static func found(program: String) -> String {
        guard !Files.exists(standardDirectory), let checkout = checkout(of: program) else { return standardDirectory }
        return checkout
    }

    /// "/src/postern/database" for "/src/postern/.build-release/release/postern".
    static func checkout(of program: String) -> String? {
        guard
            let build = program.split(separator: "/", omittingEmptySubsequences: false)
                .firstIndex(where: { $0.hasPrefix(".build") })
        else { return nil }
        let root = program.split(separator: "/", omittingEmptySubsequences: false)[..<build]
        return (root + ["database"]).joined(separator: "/")
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

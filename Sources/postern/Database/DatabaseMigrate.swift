import Accounts
import ArgumentParser
import Service

struct DatabaseMigrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Run what is pending; makes the database where it is missing.",
        discussion: "Runs as who calls it, root as a rule: the workers' database user may not change tables.")

    @OptionGroup var migrations: MigrationsOption
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let settings = try Rights.settings(config.path)
        let set = try Migrations.load(migrations.directory)
        let place = try Migrations.place(settings)
        let done = try DatabaseMigrate.migrate(place, set)
        if output.isJSON {
            let applied = JSON.list(done.map { .text($0.fileName) })
            return try Report.line(JSON.object([("schema", .number(set.highest)), ("applied", applied)]).text)
        }
        for migration in done { try Report.line("\(migration.fileName): done") }
        try Report.line("\(place.name): schema \(set.highest)" + (done.isEmpty ? ", nothing was pending" : ""))
    }

    /// Only a missing database is made: who may change tables need not have the right to make databases.
    static func migrate(_ place: DatabasePlace, _ set: MigrationSet) throws(MigrationError) -> [Migration] {
        do {
            return try Migrator(place, set).migrate()
        } catch .database(let error) where error.code == unknownDatabase {
            try Migrator.createDatabase(place)
            return try Migrator(place, set).migrate()
        }
    }

    /// ER_BAD_DB_ERROR
    private static let unknownDatabase = 1049
}

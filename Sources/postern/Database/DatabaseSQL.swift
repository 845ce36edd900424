import Accounts
import ArgumentParser
import Service

struct DatabaseSQL: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "Print the SQL for a DBA: postern database sql | mariadb",
        discussion: """
            Without a flag: database, all tables, for an empty server. --grants: the workers' database user and its \
            rights. Both flags together print both.
            """)

    @Flag(help: "Only what has not run yet; asks the database.") var pending = false
    @Flag(help: "The workers' database user and its rights.") var grants = false
    @OptionGroup var migrations: MigrationsOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let settings = try Rights.enter(config.path)
        if pending || !grants { try Report.text(try schema(settings)) }
        if grants {
            try Report.text(
                MigrationSQL.grants(user: Migrations.workersUser(settings), database: settings.database.name))
        }
    }

    private func schema(_ settings: Settings) throws -> String {
        let set = try Migrations.load(migrations.directory)
        guard pending else {
            return MigrationSQL.text(set, pending: set.migrations, database: settings.database.name)
        }
        let status = try Migrator(try DatabaseSettings.place(settings), set).status()
        if let problem = status.problem { throw problem }
        guard !status.pending.isEmpty else { return "-- Postern: nothing is pending, \(status.schema).\n" }
        return MigrationSQL.text(set, pending: status.pending, database: settings.database.name)
    }
}

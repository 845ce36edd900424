import ArgumentParser

struct DatabaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database", abstract: "The database: status, sql, migrate.",
        subcommands: [DatabaseStatus.self, DatabaseSQL.self, DatabaseMigrate.self])

    func run() throws { throw incomplete(DatabaseCommand.self) }
}

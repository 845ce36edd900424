import Accounts
import ArgumentParser
import Service

struct DatabaseStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Which migrations have run, and which are pending.")

    @OptionGroup var migrations: MigrationsOption
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let place = try DatabaseSettings.place(try Rights.enter(config.path))
        let set = try Migrations.load(migrations.directory)
        let status = try Migrator(place, set).status()
        let problem = status.problem.map(DatabaseStatus.text)
        if output.isJSON {
            try Report.line(DatabaseStatus.json(status, set, problem: problem).text)
        } else {
            try Report.text(DatabaseStatus.table(status, place))
            try Report.line("\(status.schema)")
            if let problem { Report.error(problem) }
        }
        if !status.schema.isUsable || problem != nil { throw ExitCode(ExitStatus.failed) }
    }

    private static func table(_ status: MigrationStatus, _ place: DatabasePlace) -> String {
        var table = TextTable(["NUMBER", "NAME", "STATE", "WHEN (UTC)"])
        for row in status.applied {
            let state = row.isFinished ? "done" : "begun"
            table.add([String(row.number), row.name, state, row.finishedAt ?? row.startedAt])
        }
        for migration in status.pending { table.add([String(migration.number), migration.name, "pending", ""]) }
        return "\(place.name): \(place.user) at \(place.endpoint)\n" + table.text
    }

    /// The service's user does not see the connections of others, so it cannot tell a migration that runs from one
    /// that broke off; the cure of the latter would break the former.
    private static func text(_ problem: MigrationError) -> String {
        guard case .halfApplied(let row) = problem else { return "\(problem)" }
        return "database: migration \(row.number) (\(row.name)) was begun at \(row.startedAt) UTC: it runs now, or it "
            + "broke off. postern database migrate, run by root, waits for it or tells what to do"
    }

    private static func json(_ status: MigrationStatus, _ set: MigrationSet, problem: String?) -> JSON {
        let applied = status.applied.map { row in
            JSON.object([
                ("number", .number(row.number)), ("name", .text(row.name)), ("started_at", .text(row.startedAt)),
                ("finished_at", JSON(row.finishedAt)),
            ])
        }
        return .object([
            ("schema", .number(status.applied.last { $0.isFinished }?.number ?? 0)),
            ("wanted", .number(set.highest)),
            ("usable", .flag(status.schema.isUsable)),
            ("applied", .list(applied)),
            ("pending", .list(status.pending.map { .text($0.fileName) })),
            ("problem", JSON(problem)),
        ])
    }
}

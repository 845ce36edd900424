import Database

/// Runs migrations. It needs a database user with DDL rights, which the workers' user does not have.
///
/// The row of a migration is its lock: it is written before the migration runs, so of two migrators one finds it there
/// and waits. Nothing is held that a killed process could leave behind locked: its connection's end is seen.
public struct Migrator: ~Copyable {
    private let connection: Connection
    private let set: MigrationSet

    /// Connects; the database of `place` must exist.
    public init(_ place: DatabasePlace, _ set: MigrationSet) throws(MigrationError) {
        connection = try Self.connect(place)
        self.set = set
    }

    private static func connect(_ place: DatabasePlace) throws(MigrationError) -> Connection {
        do {
            let connection = try Connection(place.settings(.migration))
            // A table that somebody holds is an error soon, and not a wait for a day (the server's default).
            try connection.run(script: "SET SESSION lock_wait_timeout = 60")
            return connection
        } catch {
            throw .database(error)
        }
    }

    /// Makes the database of `place` where it is missing.
    public static func createDatabase(_ place: DatabasePlace) throws(MigrationError) {
        var settings = place.settings(.migration)
        settings.database = nil
        do throws(DatabaseError) {
            try Connection(settings).run(script: MigrationSQL.createDatabase(place.name))
        } catch {
            throw .database(error)
        }
    }

    /// Looks only, and makes nothing.
    public func status() throws(MigrationError) -> MigrationStatus {
        let rows = try applied()
        let finished = rows.filter(\.isFinished)
        let numbers = Set(rows.map(\.number))
        return MigrationStatus(
            applied: rows, pending: set.migrations.filter { !numbers.contains($0.number) },
            schema: SchemaState(highest: finished.last?.number ?? 0, wanted: set.highest),
            problem: try problem(in: rows))
    }

    /// Runs what is pending, in order, and returns it. Waits for another migrator for so many seconds.
    @discardableResult
    public func migrate(wait: Duration = .seconds(60)) throws(MigrationError) -> [Migration] {
        let deadline = ContinuousClock.now + wait
        var done: [Migration] = []
        try run(set.record.sql)
        while true {
            let rows = try applied()
            if let problem = try problem(in: rows) {
                guard case .running = problem, ContinuousClock.now < deadline else { throw problem }
                // The server's clock does for a pause.
                try run("DO SLEEP(0.1)")
                continue
            }
            let numbers = Set(rows.map(\.number))
            guard let next = set.migrations.first(where: { !numbers.contains($0.number) }) else { return done }
            guard try claim(next) else { continue }
            try apply(next)
            done.append(next)
        }
    }

    /// False when another migrator was faster.
    private func claim(_ migration: Migration) throws(MigrationError) -> Bool {
        do {
            let sql = """
                INSERT INTO schema_migrations (number, name, checksum, connection) VALUES (?, ?, ?, CONNECTION_ID())
                """
            _ = try connection.execute(
                sql, [Value(migration.number), .text(migration.name), .text(migration.checksum)])
            return true
        } catch {
            // busy: on Galera the slower of two nodes is told so as a deadlock (1213).
            if error.kind == .duplicate || error.kind == .busy { return false }
            throw .database(error)
        }
    }

    private func apply(_ migration: Migration) throws(MigrationError) {
        let number = Value(migration.number)
        do {
            try connection.run(script: migration.sql)
            let sql = "UPDATE schema_migrations SET finished_at = CURRENT_TIMESTAMP WHERE number = ?"
            _ = try connection.execute(sql, [number])
        } catch {
            // The row stays: it says that somebody has to look.
            if error.kind == .away || error.kind == .timeout { throw .interrupted(migration, error) }
            // One statement is atomic (MariaDB 10.6 and later): when the first fails, nothing has happened.
            if error.completedStatements == 0 {
                _ = try? connection.execute("DELETE FROM schema_migrations WHERE number = ?", [number])
            }
            throw .failed(migration, applied: error.completedStatements, error)
        }
    }

    /// The first thing that is not as it should be: unfinished, changed or unknown.
    private func problem(in rows: [AppliedMigration]) throws(MigrationError) -> MigrationError? {
        if let unfinished = rows.first(where: { !$0.isFinished }) {
            if try isAlive(unfinished.connection) { return .running(unfinished) }
            // It may have finished between the two questions.
            let again = try applied().first { $0.number == unfinished.number }
            if let again, !again.isFinished { return .halfApplied(again) }
            return try problem(in: try applied())
        }
        for row in rows {
            guard let migration = set.migrations.first(where: { $0.number == row.number }) else { return .unknown(row) }
            if migration.checksum != row.checksum { return .changed(row, migration) }
        }
        return nil
    }

    private func applied() throws(MigrationError) -> [AppliedMigration] {
        do {
            let sql = "SELECT \(AppliedMigration.columns) FROM schema_migrations ORDER BY number"
            var rows: [AppliedMigration] = []
            for row in try connection.execute(sql).rows { rows.append(try AppliedMigration(row)) }
            return rows
        } catch {
            if error.kind == .schema { return [] }
            throw .database(error)
        }
    }

    private func isAlive(_ number: Int64) throws(MigrationError) -> Bool {
        do {
            let sql = "SELECT 1 FROM information_schema.processlist WHERE id = ?"
            return try !connection.execute(sql, [Value(number)]).rows.isEmpty
        } catch {
            throw .database(error)
        }
    }

    private func run(_ sql: String) throws(MigrationError) {
        do { try connection.run(script: sql) } catch { throw .database(error) }
    }
}

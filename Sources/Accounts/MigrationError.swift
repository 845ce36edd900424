import Database

/// Why the schema cannot be read or changed, with the cure in the text.
public enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    case unusableFile(String, reason: String)
    case database(DatabaseError)
    /// Another one is at work and did not end within the wait.
    case running(AppliedMigration)
    /// One was begun and never finished, and its connection is gone.
    case halfApplied(AppliedMigration)
    /// A statement failed. `applied` statements before it stand; with none the database is as it was.
    case failed(Migration, applied: Int, DatabaseError)
    /// The connection broke while it ran: what of it stands is not known.
    case interrupted(Migration, DatabaseError)
    /// A file is not the one that ran.
    case changed(AppliedMigration, Migration)
    /// The database is ahead of this release.
    case unknown(AppliedMigration)

    public var description: String {
        switch self {
        case .unusableFile(let path, let reason): "\(path): \(reason)"
        case .database(let error): "database: \(error)" + (error.cure.map { "\n  \($0)" } ?? "")
        case .running(let row):
            "database: migration \(row.title) is being run by connection \(row.connection). Try again when it is done"
        case .halfApplied(let row):
            "database: migration \(row.title) was begun at \(row.startedAt) UTC and not finished.\n"
                + Self.cure(row.number)
        case .failed(let migration, 0, let error):
            "database: \(migration.fileName), first statement: \(error). Nothing was changed"
        case .failed(let migration, let applied, let error):
            "database: \(migration.fileName), statement \(applied + 1): \(error).\n"
                + "  \(applied) of its statements stand.\n\(Self.cure(migration.number))"
        case .interrupted(let migration, let error):
            "database: \(error), while \(migration.fileName) ran.\n\(Self.cure(migration.number))"
        case .changed(let row, let migration):
            "database: \(migration.fileName) is not the file that ran at \(row.startedAt) UTC "
                + "(SHA-256 \(row.checksum)). Cure: install the file of the release; a correction is a new migration"
        case .unknown(let row):
            "database: migration \(row.title) has run here and this release does not know it. "
                + "Cure: install the release that migrated"
        }
    }

    /// MariaDB cannot undo DDL, so a person looks.
    private static func cure(_ number: Int) -> String {
        """
          Cure: see what of the file stands (SHOW CREATE TABLE). Undo that part, then
            DELETE FROM schema_migrations WHERE number = \(number);
          or do the rest by hand, then
            UPDATE schema_migrations SET finished_at = CURRENT_TIMESTAMP WHERE number = \(number);
          and run postern database migrate again.
        """
    }
}

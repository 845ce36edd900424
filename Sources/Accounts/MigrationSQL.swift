/// The same work as SQL text, for a DBA who runs it: `postern database sql | mariadb`.
public enum MigrationSQL {
    /// Makes the database where it is missing, and runs the given migrations as `Migrator` would.
    /// The client `mariadb` stops at the first error, and the row of that migration then stays unfinished.
    public static func text(_ set: MigrationSet, pending: [Migration], database: String) -> String {
        var parts = [
            "-- Postern, schema \(set.highest). Needs the right to create tables.",
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00';",
            createDatabase(database), "USE \(name(database));", set.record.sql,
        ]
        for migration in pending {
            parts.append(
                """
                -- \(migration.fileName)
                INSERT INTO schema_migrations (number, name, checksum, connection)
                VALUES (\(migration.number), '\(migration.name)', '\(migration.checksum)', CONNECTION_ID());
                \(migration.sql)
                UPDATE schema_migrations SET finished_at = CURRENT_TIMESTAMP WHERE number = \(migration.number);
                """)
        }
        return parts.joined(separator: "\n") + "\n"
    }

    /// The workers' database user: let in by the kernel's word for who calls, without a password, and allowed to
    /// read and write rows only.
    public static func grants(user: String, database: String) -> String {
        let account = "\(literal(user))@localhost"
        return """
            CREATE USER IF NOT EXISTS \(account) IDENTIFIED VIA unix_socket;
            GRANT \(Privileges.needed.joined(separator: ", ")) ON \(pattern(database)).* TO \(account);

            """
    }

    static func createDatabase(_ database: String) -> String {
        "CREATE DATABASE IF NOT EXISTS \(name(database)) CHARACTER SET utf8mb4;"
    }

    /// A name between backticks.
    static func name(_ text: String) -> String { "`" + text.replacing("`", with: "``") + "`" }

    /// In GRANT, `_` and `%` of a database's name stand for other characters.
    private static func pattern(_ database: String) -> String {
        name(database.replacing("\\", with: "\\\\").replacing("_", with: "\\_").replacing("%", with: "\\%"))
    }

    private static func literal(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "''") + "'"
    }
}

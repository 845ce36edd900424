import Accounts
import Database
import Service

/// Database, tables and the workers' database user, by root's own login on the local server.
enum SetupDatabase {
    static func prepare(_ settings: Settings, _ set: MigrationSet) throws {
        let place = try Migrations.place(settings)
        var server = ConnectionSettings(
            endpoint: place.endpoint, user: place.user, password: place.password, database: nil)
        server.timeouts = .migration
        let connection: Connection
        do throws(DatabaseError) {
            connection = try Connection(server)
        } catch {
            throw Failure(
                "database: \(error). Cure: apt install mariadb-server and systemctl start mariadb, or name the socket "
                    + "with --database-socket, or let a DBA run postern database sql and postern database sql --grants")
        }
        try migrate(place, set)
        try grant(settings, place, connection)
    }

    private static func migrate(_ place: DatabasePlace, _ set: MigrationSet) throws {
        let what = "\(place.name) at \(place.endpoint)"
        if let status = try? Migrator(place, set).status(), status.pending.isEmpty, status.problem == nil {
            return try Steps.say("database", "\(what), \(status.schema) is already there")
        }
        try Steps.say("database", "\(what): the database and its tables, to schema \(set.highest)")
        _ = try DatabaseMigrate.migrate(place, set)
    }

    private static func grant(_ settings: Settings, _ place: DatabasePlace, _ connection: borrowing Connection) throws {
        let user = Migrations.workersUser(settings)
        guard user != place.user else {
            return try Steps.say("database", "user \(user) is whoever runs this: no rights to grant")
        }
        let sql = "SELECT 1 FROM mysql.user WHERE user = ? AND host = 'localhost'"
        let isThere = try !connection.execute(sql, [.text(user)]).rows.isEmpty
        let rights = Privileges.needed.joined(separator: ", ")
        try Steps.say(
            "database", "user \(user)@localhost" + (isThere ? " is already there; its rights again: " : ": ") + rights)
        try connection.run(script: MigrationSQL.grants(user: user, database: place.name))
    }
}

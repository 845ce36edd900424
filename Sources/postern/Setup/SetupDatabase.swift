import Accounts
import Service

/// Database, tables and the workers' database user, by root's own login on the local server.
enum SetupDatabase {
    static func prepare(_ settings: Settings, _ set: MigrationSet) throws {
        let place = try Migrations.place(settings)
        let workersUser = Migrations.workersUser(settings)
        let account: WorkersAccount
        do throws(AccountsError) {
            account = try WorkersAccount(workersUser, at: place)
        } catch .unavailable(let error) {
            throw Failure(
                "database: \(error). Cure: apt install mariadb-server and systemctl start mariadb, or name the socket "
                    + "with --database-socket, or let a DBA run postern database sql and postern database sql --grants")
        }
        try migrate(place, set)
        try grant(workersUser, place, account)
    }

    private static func migrate(_ place: DatabasePlace, _ set: MigrationSet) throws {
        let what = "\(place.name) at \(place.endpoint)"
        if let status = try? Migrator(place, set).status(), status.pending.isEmpty, status.problem == nil {
            return try Steps.say("database", "\(what), \(status.schema) is already there")
        }
        try Steps.say("database", "\(what): the database and its tables, to schema \(set.highest)")
        _ = try DatabaseMigrate.migrate(place, set)
    }

    private static func grant(_ user: String, _ place: DatabasePlace, _ account: borrowing WorkersAccount) throws {
        guard user != place.user else {
            return try Steps.say("database", "user \(user) is whoever runs this: no rights to grant")
        }
        let isThere = try account.exists()
        let rights = Privileges.needed.joined(separator: ", ")
        try Steps.say(
            "database", "user \(user)@localhost" + (isThere ? " is already there; its rights again: " : ": ") + rights)
        try account.grant()
    }
}

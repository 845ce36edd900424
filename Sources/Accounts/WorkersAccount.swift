import Database

/// The workers' database user, made and given its rights by who may do so: root, by its own login on the local server.
public struct WorkersAccount: ~Copyable {
    private let connection: Connection
    private let user: String
    private let database: String

    /// Connects to the server; neither the user nor the database need be there yet.
    ///
    /// - Parameters:
    ///   - user: the workers' user, on the server's own host.
    ///   - place: the database that the rights are for, and as whom to connect.
    public init(_ user: String, at place: DatabasePlace) throws(AccountsError) {
        var settings = place.settings(.migration)
        settings.database = nil
        do {
            connection = try Connection(settings)
        } catch {
            throw .unavailable(error)
        }
        self.user = user
        database = place.name
    }

    public func exists() throws(AccountsError) -> Bool {
        do {
            let sql = "SELECT 1 FROM mysql.user WHERE user = ? AND host = 'localhost'"
            return try !connection.execute(sql, [.text(user)]).rows.isEmpty
        } catch {
            throw .unavailable(error)
        }
    }

    /// Makes the user where it is missing and gives it what it needs and no more; does no harm a second time.
    public func grant() throws(AccountsError) {
        do {
            try connection.run(script: MigrationSQL.grants(user: user, database: database))
        } catch {
            throw .unavailable(error)
        }
    }
}

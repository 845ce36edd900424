import Database

/// What a database server is, and what it lets its user do.
public struct DatabaseServer: Sendable, Equatable {
    /// As the server tells it, "10.11.14-MariaDB-0+deb12u2".
    public let version: String
    /// Of the user who asks.
    public let privileges: Privileges
}

extension AccountsDatabase {
    /// For a person who looks after it; the workers need none of this.
    public func server() throws(AccountsError) -> DatabaseServer {
        let versions = try pool.rows(of: "SELECT VERSION()", []) { row throws(DatabaseError) in try row.text(0) }
        let grants = try pool.rows(of: "SHOW GRANTS", []) { row throws(DatabaseError) in try row.text(0) }
        return DatabaseServer(version: versions.first ?? "", privileges: Privileges(grants))
    }
}

import Accounts
import Database
import Service

/// The database, asked as the workers ask it.
enum DatabaseLook {
    static func findings(_ settings: Settings) -> [Finding] {
        do {
            let place = try DatabaseSettings.place(settings)
            let schema = try AccountsDatabase(place, connections: 1).schema()
            guard schema.isUsable else { return [.fail("database", "\(schema)")] }
            let connection = try Connection(
                ConnectionSettings(
                    endpoint: place.endpoint, user: place.user, password: place.password, database: place.name))
            let summary =
                "\(place.user) at \(place.endpoint) · MariaDB \(version(connection.serverVersion)) · \(schema)"
            var grants: [String] = []
            for row in try connection.execute("SHOW GRANTS").rows { grants.append(try row.text(0)) }
            return [state(of: schema, summary)] + privileges(Privileges(grants), place, settings)
        } catch {
            return [failure("\(error)", settings)]
        }
    }

    private static func failure(_ text: String, _ settings: Settings) -> Finding {
        // The subject says it already.
        let reason = text.hasPrefix("database: ") ? String(text.dropFirst("database: ".count)) : text
        let hasCure = reason.contains("Cure: ")
        return .fail(
            "database", hasCure ? reason : reason + ". Cure: systemctl start mariadb, or correct database.socket")
    }

    private static func state(of schema: SchemaState, _ summary: String) -> Finding {
        if case .oneBack = schema { return .warn("database", summary, cure: "postern database migrate") }
        return .ok("database", summary)
    }

    private static func privileges(
        _ privileges: Privileges, _ place: DatabasePlace, _ settings: Settings
    ) -> [Finding] {
        let enough = "\(Privileges.needed.joined(separator: ", ")) in `\(place.name)` are enough"
        guard let excess = privileges.excess else { return [] }
        return [
            .warn(
                "database", "\(place.user) has \(excess); \(enough)",
                // The text of --grants adds rights and takes none away.
                cure: "REVOKE the rest; or a user of its own: postern database sql --grants | mariadb")
        ]
    }

    /// "10.11.14" of "10.11.14-MariaDB-0+deb12u2".
    private static func version(_ text: String) -> Substring { text.prefix { $0 != "-" } }
}

/// The rights of a database user, from the answer to SHOW GRANTS.
struct Privileges {
    static let needed = ["SELECT", "INSERT", "UPDATE", "DELETE"]

    /// What the user may beyond the rows of its own database: "ALL PRIVILEGES on *.*"; nil when nothing.
    let excess: String?

    /// - Parameter grants: lines as "GRANT SELECT, INSERT ON `postern`.* TO ...". What follows TO is not kept: it may
    ///   hold a password's hash.
    init(_ grants: [String]) {
        let found = grants.compactMap(Privileges.excess)
        excess = found.isEmpty ? nil : found.joined(separator: ", ")
    }

    private static func excess(_ grant: String) -> String? {
        guard grant.hasPrefix("GRANT "), let on = grant.firstRange(of: " ON "), let to = grant.firstRange(of: " TO "),
            on.upperBound <= to.lowerBound
        else { return nil }
        let place = grant[on.upperBound..<to.lowerBound]
        let rights = grant[grant.index(grant.startIndex, offsetBy: 6)..<on.lowerBound]
            .split(separator: ",").map { String($0.drop { $0 == " " }) }
        // Rights in *.* reach every other database of the server.
        let isGlobal = place == "*.*"
        let tooMany = rights.filter { $0 != "USAGE" && (isGlobal || !needed.contains($0)) }
        return tooMany.isEmpty ? nil : "\(tooMany.joined(separator: ", ")) on \(place)"
    }
}

import Accounts
import Service

/// The database, asked as the workers ask it.
enum DatabaseLook {
    static func findings(_ settings: Settings) -> [Finding] {
        do {
            let place = try DatabaseSettings.place(settings)
            let database = AccountsDatabase(place, connections: 1)
            let schema = try database.schema()
            guard schema.isUsable else { return [.fail("database", "\(schema)")] }
            let server = try database.server()
            let summary = "\(place.user) at \(place.endpoint) · MariaDB \(version(server.version)) · \(schema)"
            return [state(of: schema, summary)] + privileges(server.privileges, place)
        } catch {
            return [failure("\(error)")]
        }
    }

    private static func failure(_ text: String) -> Finding {
        // The subject says it already.
        let reason = text.hasPrefix("database: ") ? String(text.dropFirst("database: ".count)) : text
        let hasCure = reason.contains("Cure: ")
        return .fail(
            "database", hasCure ? reason : reason + ". Cure: systemctl start mariadb, or correct database.socket")
    }

    private static func state(of schema: SchemaState, _ summary: String) -> Finding {
        if case .oneBack = schema { return .warn("database", summary) }
        return .ok("database", summary)
    }

    private static func privileges(_ privileges: Privileges, _ place: DatabasePlace) -> [Finding] {
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

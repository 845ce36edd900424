/// The rights of a database user, from the answer to SHOW GRANTS.
public struct Privileges: Sendable, Equatable {
    /// What the workers' database user needs, in its own database.
    public static let needed = ["SELECT", "INSERT", "UPDATE", "DELETE"]

    /// What the user may beyond the rows of its own database: "ALL PRIVILEGES on *.*"; nil when nothing.
    public let excess: String?

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

import Accounts
import Service

/// A user as people and programs read it; never with the password's hash.
enum UserReport {
    static func json(_ user: User, password: String? = nil, more: [(name: String, value: JSON)] = []) -> JSON {
        var members: [(name: String, value: JSON)] = [
            ("id", .text(user.id.description)),
            ("email", .text(user.email.text)),
            ("name", .text(user.name)),
            ("active", .flag(user.isActive)),
            ("scopes", .list(user.scopes.map(JSON.text))),
            ("groups", .list(user.groups.map(JSON.text))),
            ("token_version", .number(Int(user.tokenVersion))),
            ("created_at", .text(Timestamp.text(user.createdAt))),
            ("updated_at", .text(Timestamp.text(user.updatedAt))),
        ]
        if let password { members.append(("password", .text(password))) }
        return .object(members + more)
    }

    static func details(_ user: User, password: String? = nil, more: [[String]] = []) -> String {
        var table = TextTable()
        table.add(["id", user.id.description])
        table.add(["e-mail", user.email.text])
        table.add(["name", user.name])
        table.add(["state", state(user)])
        table.add(["scopes", user.scopes.joined(separator: " ")])
        table.add(["groups", user.groups.joined(separator: " ")])
        table.add(["token version", String(user.tokenVersion)])
        table.add(["created", Timestamp.text(user.createdAt)])
        table.add(["changed", Timestamp.text(user.updatedAt)])
        if let password { table.add(["password", password]) }
        for row in more { table.add(row) }
        return table.text
    }

    static func list(_ users: [User]) -> String {
        var table = TextTable(["ID", "E-MAIL", "NAME", "STATE", "SCOPES", "CREATED"])
        for user in users {
            table.add([
                user.id.description, user.email.text, user.name, state(user), user.scopes.joined(separator: " "),
                String(Timestamp.text(user.createdAt).prefix(10)),
            ])
        }
        return table.text
    }

    static func state(_ user: User) -> String { user.isActive ? "active" : "disabled" }

    /// One user, in the form that was asked for.
    static func print(_ user: User, password: String? = nil, isJSON: Bool) throws {
        let text = isJSON ? json(user, password: password).text + "\n" : details(user, password: password)
        try Report.text(text)
    }
}

import Accounts
import ArgumentParser

/// Whose scopes or groups are changed, and which.
struct UserWordsArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("Id or e-mail address.", valueName: "user")) var word: String
    @Argument(help: ArgumentHelp("Words of ASCII without space and comma.", valueName: "name")) var names: [String]
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func add(to kind: WordKind) throws {
        try change(kind, "added", "already there") { try $0.add(names, to: kind, of: $1) }
    }

    func remove(from kind: WordKind) throws {
        try change(kind, "removed", "not there") { try $0.remove(names, from: kind, of: $1) }
    }

    /// - Parameters:
    ///   - done: "added"
    ///   - idle: why a name changed nothing: "already there"
    ///   - edit: gives the names that changed something.
    private func change(
        _ kind: WordKind, _ done: String, _ idle: String, _ edit: (UserStore, UserID) throws -> [String]
    ) throws {
        let users = try UserAccess(settingsPath: config.path)
        let id = try users.user(word).id
        let changed: [String]
        do {
            changed = try edit(users.store, id)
        } catch let AccountsError.invalid(field, reason) {
            throw Failure("\(field): \(reason)", status: ExitStatus.unusable)
        }
        if !changed.isEmpty { users.noteChange() }
        let user = try users.user(id.description)
        if output.isJSON {
            let more = JSON.list(changed.map(JSON.text))
            return try Report.line(UserReport.json(user, more: [("changed", more)]).text)
        }
        let text = UserWordsText(kind, of: user, done: done, idle: idle, names: names, changed: changed)
        try Report.line(TerminalText.safe(text.line))
    }
}

/// What became of it, on one line.
struct UserWordsText {
    /// "anna@example.com: added ops; already there: staff; groups now: staff ops"
    let line: String

    init(
        _ kind: WordKind, of user: User, done: String, idle: String, names: [String], changed: [String]
    ) {
        let same = names.filter { !changed.contains($0) }
        let now = kind == .scopes ? user.scopes : user.groups
        let parts = [
            changed.isEmpty ? nil : "\(done) \(changed.joined(separator: " "))",
            same.isEmpty ? nil : "\(idle): \(same.joined(separator: " "))",
            "\(kind == .scopes ? "scopes" : "groups") now: \(now.isEmpty ? "none" : now.joined(separator: " "))",
        ]
        line = "\(user.email.text): " + parts.compactMap { $0 }.joined(separator: "; ")
    }
}

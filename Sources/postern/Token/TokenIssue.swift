import Accounts
import ArgumentParser
import Cryptography
import Service
import System

struct TokenIssue: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue", abstract: "Issue a service token and print it, this once.",
        discussion: """
            The token alone goes to standard output, so that it can go into a file (umask 077) or a secret store \
            unseen. Without --scope it says who it is and no more. It ends after a year unless told otherwise.
            """)

    @Option(
        name: .customLong("user"), help: ArgumentHelp("Id or e-mail address of whom it acts as.", valueName: "user"))
    var word: String
    @Option(name: .customLong("scope"), help: "One of the user's scopes; may be repeated.") var scopes: [String] = []
    @Option(help: "Days until it ends: 1 to 3650 (default: 365).") var days: Int?
    @Flag(name: .customLong("no-end"), help: "It holds until it is revoked.") var isEndless = false
    @Option(help: "What it is for; shown in the list.") var note = ""
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    static let standardDays = 365

    mutating func validate() throws {
        if days != nil && isEndless { throw ValidationError("--days and --no-end exclude each other") }
        if let days, !(1...3650).contains(days) {
            throw ValidationError("--days \(days): 1 to 3650 are expected, or --no-end")
        }
    }

    func run() throws {
        let madeBy = Person.name()
        let users = try UserAccess(settingsPath: config.path)
        let user = try users.user(word)
        try TokenIssue.check(user, scopes)
        let text = try ServiceTokenText.make()
        let token = try store(text, of: user, madeBy: madeBy, in: users.database.serviceTokens)
        users.noteChange()
        do {
            try print(text, token, user)
        } catch {
            // Nobody has it, so nobody can use it: better gone than forgotten.
            _ = try? users.database.serviceTokens.revoke(id: token.id)
            throw error
        }
    }

    /// Refuses what could never pass.
    static func check(_ user: User, _ scopes: [String]) throws(Failure) {
        let email = TerminalText.safe(user.email.text)
        guard user.isActive else {
            throw Failure("\(email): disabled, so its tokens are refused. Cure: postern user enable \(email)")
        }
        let foreign = scopes.filter { scope in !user.scopes.contains { hasSameBytes($0, scope) } }
        guard foreign.isEmpty else {
            let names = TerminalText.safe(foreign.joined(separator: " "))
            let own = user.scopes.isEmpty ? "none" : TerminalText.safe(user.scopes.joined(separator: " "))
            throw Failure(
                "\(email) does not have the scope \(names) (it has \(own)), and a token carries no other. "
                    + "Cure: postern user scope add \(email) \(names)")
        }
    }

    private func store(
        _ text: String, of user: User, madeBy: String, in store: ServiceTokenStore
    ) throws -> ServiceToken {
        guard let hash = ServiceTokenText.hash(text) else { throw Failure("SHA-256 is not to be had") }
        let end = isEndless ? nil : Moment.now().wall + Int64(days ?? TokenIssue.standardDays) * 86_400
        let new = NewServiceToken(
            of: user.id, hash: hash, scopes: scopes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
            note: note, madeBy: madeBy, expiresAt: end)
        do {
            let id = try store.add(new)
            guard let token = try store.find(id: id) else { throw AccountsError.notFound }
            return token
        } catch let AccountsError.invalid(field, reason) {
            throw Failure("\(field): \(reason)", status: ExitStatus.unusable)
        }
    }

    private func print(_ text: String, _ token: ServiceToken, _ user: User) throws {
        let report = ServiceTokenReport(token, user: user, now: Moment.now().wall)
        if output.isJSON { return try Report.line(report.json(secret: text).text) }
        try Report.line(text)
        Report.note(report.issued)
    }
}

import Accounts
import ArgumentParser
import System

struct TokenList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Service tokens that hold now, and when each was last used.",
        discussion: "Scopes in parentheses are ones that the user has lost: they do not count. Tokens are never shown.")

    @Option(
        name: .customLong("user"), help: ArgumentHelp("Only of this user: id or e-mail address.", valueName: "user"))
    var word: String?
    @Flag(name: .customLong("all"), help: "Also expired and revoked ones.") var includesEnded = false
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let users = try UserAccess(settingsPath: config.path)
        let user = try word.map(users.user)
        let tokens = try users.database.serviceTokens.list(user: user?.id, includeEnded: includesEnded)
        let now = Moment.now().wall
        var known = user.map { [$0.id: $0] } ?? [:]
        let reports = try tokens.map { token in
            if known[token.userID] == nil { known[token.userID] = try users.store.find(id: token.userID) }
            return ServiceTokenReport(token, user: known[token.userID], now: now)
        }
        if output.isJSON { return try Report.line(JSON.lines(reports.map { $0.json() })) }
        if reports.isEmpty { return try Report.line("no service tokens. Issue one: postern token issue") }
        var table = TextTable(ServiceTokenReport.heading)
        for report in reports { table.add(report.row) }
        try Report.text(table.text)
    }
}

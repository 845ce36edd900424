import Accounts
import ArgumentParser
import System

struct TokenRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End service tokens by their numbers, at the next request.",
        discussion: "Exit status 3 when there is none of a number; the others are revoked all the same.")

    @Argument(help: ArgumentHelp("Number as in postern token list; never the token.", valueName: "id"))
    var ids: [UInt64]
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let users = try UserAccess(settingsPath: config.path)
        let revoked = try revoke(users)
        let now = Moment.now().wall
        var reports: [ServiceTokenReport] = []
        var unknown: [UInt64] = []
        for id in ids {
            if let token = try users.database.serviceTokens.find(id: id) {
                reports.append(ServiceTokenReport(token, user: try users.store.find(id: token.userID), now: now))
            } else {
                unknown.append(id)
            }
        }
        if output.isJSON {
            try Report.line(JSON.lines(reports.map { $0.json() }))
        } else {
            for report in reports { try Report.line(report.revoked(isNew: revoked.contains(report.token.id))) }
        }
        for id in unknown { Report.error("service token \(id): there is none. See: postern token list --all") }
        if !unknown.isEmpty { throw ExitCode(ExitStatus.notFound) }
    }

    /// Those that were not revoked before. Where one fails, the workers are told of those before it.
    private func revoke(_ users: UserAccess) throws -> Set<UInt64> {
        var revoked: Set<UInt64> = []
        defer { if !revoked.isEmpty { users.noteChange() } }
        for id in ids {
            if try users.database.serviceTokens.revoke(id: id) { revoked.insert(id) }
        }
        return revoked
    }
}

import ArgumentParser

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Service tokens: issue, list, revoke. Access tokens: check.",
        discussion: """
            A service token is what a program (cron, backup, monitoring) sends in place of a login: Authorization: \
            Bearer postern_... It acts as its user, with those of its scopes that the user has.
            """,
        subcommands: [TokenIssue.self, TokenList.self, TokenRevoke.self, TokenCheck.self])

    func run() throws { throw incomplete(TokenCommand.self) }
}

import ArgumentParser

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Access tokens: check.", subcommands: [TokenCheck.self])

    func run() throws { throw incomplete(TokenCommand.self) }
}

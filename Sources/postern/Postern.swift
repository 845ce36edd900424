import ArgumentParser
import Service

/// The sysadmin's command.
struct Postern: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern",
        abstract: "Postern \(Version.text) · login, tokens and rate limits for sites behind nginx",
        discussion: "All commands: --config FILE, --help; --json where something is shown.",
        version: "postern \(Version.text)",
        groupedSubcommands: [
            CommandGroup(name: "First steps", subcommands: [SetupCommand.self, CheckCommand.self, StatusCommand.self]),
            CommandGroup(name: "People", subcommands: [UserCommand.self, TokenCommand.self]),
            CommandGroup(name: "Limits", subcommands: [LimitCommand.self, BanCommand.self]),
            CommandGroup(name: "Care", subcommands: [KeyCommand.self, DatabaseCommand.self, ConfigCommand.self]),
        ])

    func run() throws { throw incomplete(Postern.self) }
}

/// A group named without one of its commands: its help, as an error.
func incomplete(_ group: any ParsableCommand.Type) -> Failure {
    let name = group.configuration.commandName ?? "postern"
    let line = name == "postern" ? "a command is missing" : "\(name): a command is missing"
    return Failure(line + "\n\n" + Postern.helpMessage(for: group, columns: 100), status: ExitStatus.unusable)
}

import ArgumentParser

struct BanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ban", abstract: "Who may not log in: list, add, remove.",
        discussion: """
            A ban refuses logins and answers them like a wrong password; tokens that were given before stay good. To \
            shut a user out at once: postern user disable. Bans made by hand live in MariaDB; those that too many \
            failed logins made live in the rate table and end by themselves.
            """,
        subcommands: [BanList.self, BanAdd.self, BanRemove.self])

    func run() throws { throw incomplete(BanCommand.self) }
}

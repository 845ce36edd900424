import ArgumentParser

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Users who may log in: add, list, show, password, enable, disable, group, scope.",
        subcommands: [
            UserAdd.self, UserList.self, UserShow.self, UserPassword.self, UserEnable.self, UserDisable.self,
            UserGroup.self, UserScope.self,
        ],
        aliases: ["client"])

    func run() throws { throw incomplete(UserCommand.self) }
}

import Accounts
import ArgumentParser

struct UserGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group", abstract: "Put a user into groups or take them out.",
        discussion: "Groups reach the application as Remote-Groups, and a location asks for them by group=NAME.",
        subcommands: [Add.self, Remove.self])

    func run() throws { throw incomplete(UserGroup.self) }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "add", abstract: "Put a user into groups.")

        @OptionGroup var words: UserWordsArguments

        func run() throws { try words.add(to: .groups) }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take a user out of groups.")

        @OptionGroup var words: UserWordsArguments

        func run() throws { try words.remove(from: .groups) }
    }
}

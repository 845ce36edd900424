import Accounts
import ArgumentParser

struct UserScope: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scope", abstract: "Give a user scopes or take them away.",
        discussion: """
            Scopes reach the application as Remote-Scopes, and a location asks for them by scope=NAME. A token carries \
            those that the user had when it was issued: one that is taken away counts no more from the next request \
            on, one that is given is in tokens of later logins.
            """,
        subcommands: [Add.self, Remove.self])

    func run() throws { throw incomplete(UserScope.self) }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "add", abstract: "Give a user scopes.")

        @OptionGroup var words: UserWordsArguments

        func run() throws { try words.add(to: .scopes) }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take scopes from a user.")

        @OptionGroup var words: UserWordsArguments

        func run() throws { try words.remove(from: .scopes) }
    }
}

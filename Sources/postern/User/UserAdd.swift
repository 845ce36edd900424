import Accounts
import ArgumentParser
import Cryptography

struct UserAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a user.",
        discussion: "Asks for the password twice, without echo, unless told otherwise. It is never an argument.")

    @Option(help: "E-mail address, the login name.") var email: String
    @Option(help: "Name, as GET /me and the application see it.") var name: String
    @Option(name: .customLong("scope"), help: "A scope that the user's tokens carry; may be repeated.")
    var scopes: [String] = []
    @Option(name: .customLong("group"), help: "A group that the user is in; may be repeated.")
    var groups: [String] = []
    @OptionGroup var password: PasswordOption
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let address = try UserAccess.email(email)
        let users = try UserAccess(settingsPath: config.path)
        // Before anybody types a password twice for nothing.
        guard try users.store.find(email: address) == nil else { throw UserAdd.taken(address) }
        let password = try NewPassword(password, for: address, users.settings)
        let user = try UserAdd.add(
            address, name: name, scopes: scopes, groups: groups, password, to: users)
        try UserReport.print(user, password: password.shown, isJSON: output.isJSON)
    }

    static func add(
        _ email: EmailAddress, name: String, scopes: [String] = [], groups: [String] = [], _ password: NewPassword,
        to users: UserAccess
    ) throws -> User {
        let user = NewUser(
            id: UserID(random: try randomBytes(16)), email: email, name: name,
            passwordHash: try password.hash(users.settings), scopes: scopes, groups: groups)
        do throws(AccountsError) {
            try users.store.add(user)
        } catch .duplicateEmail {
            throw taken(email)
        }
        users.noteChange()
        return try users.user(user.id.description)
    }

    private static func taken(_ email: EmailAddress) -> Failure {
        Failure("\(email): \(AccountsError.duplicateEmail). See: postern user show \(email)")
    }
}

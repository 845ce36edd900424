import Accounts
import ArgumentParser

struct UserPassword: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password", abstract: "Set a user's password; ends all of the user's tokens.")

    @Argument(help: ArgumentHelp("Id or e-mail address.", valueName: "user")) var word: String
    @OptionGroup var password: PasswordOption
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let users = try UserAccess(settingsPath: config.path)
        let user = try users.user(word)
        let password = try NewPassword(password, for: user.email, users.settings)
        try users.store.setPassword(of: user.id, hash: try password.hash(users.settings))
        users.noteChange()
        if output.isJSON {
            return try UserReport.print(
                try users.user(user.id.description), password: password.shown, isJSON: true)
        }
        try Report.line("\(TerminalText.safe(user.email.text)): the password is set, all earlier tokens are void")
        if let shown = password.shown { try Report.line("password  \(shown)") }
    }
}

struct UserEnable: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Let a user log in again.")

    @Argument(help: ArgumentHelp("Id or e-mail address.", valueName: "user")) var word: String
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws { try setActive(true, word, config, output) }
}

struct UserDisable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Shut a user out at once; ends all of the user's tokens.")

    @Argument(help: ArgumentHelp("Id or e-mail address.", valueName: "user")) var word: String
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws { try setActive(false, word, config, output) }
}

/// Written also when the state is there already: a row that was changed by hand still has live tokens.
private func setActive(_ isActive: Bool, _ word: String, _ config: SettingsOption, _ output: OutputOption) throws {
    let users = try UserAccess(settingsPath: config.path)
    let id = try users.user(word).id
    try users.store.setActive(isActive, of: id)
    users.noteChange()
    let user = try users.user(id.description)
    if output.isJSON { return try UserReport.print(user, isJSON: true) }
    try Report.line("\(TerminalText.safe(user.email.text)): \(UserReport.state(user))")
}

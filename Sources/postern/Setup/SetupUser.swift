import Accounts
import Service
import System

/// The first user.
enum SetupUser {
    static func add(
        email: String?, name: String?, _ option: PasswordOption, _ settings: Settings, _ questions: Questions
    ) throws {
        let users = UserAccess(settings: settings, place: try Migrations.place(settings))
        if email == nil, try !users.store.list(UserFilter(limit: 1)).isEmpty {
            return try Steps.say("user", "users are already there. Add another: postern user add")
        }
        let text = try questions.answer(email, option: "--email", question: "E-mail address of the first user")
        let address = try UserAccess.email(text)
        guard try users.store.find(email: address) == nil else {
            return try Steps.say("user", "\(TerminalText.safe(address.text)) is already there")
        }
        let name = try questions.answer(name, option: "--name", question: "Name of the first user")
        let password = try NewPassword(option, for: address, settings)
        try Steps.say("user", "\(TerminalText.safe(address.text)), \(TerminalText.safe(name))")
        _ = try UserAdd.add(address, name: name, password, to: users)
        if let shown = password.shown { try Steps.say("password", shown) }
    }
}

import Accounts
import Service

/// The users' table as the service's user sees it, and the word to the workers after a change.
struct UserAccess {
    let settings: Settings
    let database: AccountsDatabase
    var store: UserStore { database.users }

    /// Reads the settings; run by root, becomes the service's user.
    init(settingsPath: String) throws {
        settings = try Rights.enter(settingsPath)
        database = AccountsDatabase(try DatabaseSettings.place(settings), connections: 1)
    }

    /// For root, who sets the first user up.
    init(settings: Settings, place: DatabasePlace) {
        self.settings = settings
        database = AccountsDatabase(place, connections: 1)
    }

    /// - Parameter word: an id or an e-mail address.
    func user(_ word: String) throws -> User {
        let found: User?
        if let id = UserID(word) {
            found = try store.find(id: id)
        } else {
            found = try store.find(email: try UserAccess.email(word))
        }
        guard let found else {
            throw Failure("\(TerminalText.safe(word)): no such user", status: ExitStatus.notFound)
        }
        return found
    }

    static func email(_ word: String) throws(Failure) -> EmailAddress {
        do {
            return try EmailAddress(word)
        } catch {
            throw Failure("\(TerminalText.safe(word)): \(error)", status: ExitStatus.unusable)
        }
    }

    /// To be called after the row is committed: the workers keep users for `tokens.user_cache`, and forget them at once
    /// when they are told.
    func noteChange() {
        guard let reason = WorkersTable.noteUserChange(settings) else { return }
        let bound = DurationText.text(settings.tokens.userCache)
        Report.warning(
            "\(reason). The change is stored; the workers go by it within \(bound) (tokens.user_cache)")
    }

    /// The same for a ban: the workers read them at the next login, else every five seconds.
    func noteBan() {
        guard let reason = WorkersTable.noteUserChange(settings) else { return }
        Report.warning("\(reason). The change is stored; the workers go by it within 5s")
    }
}

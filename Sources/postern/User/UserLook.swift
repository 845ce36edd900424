import Accounts
import ArgumentParser

struct UserList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List users, by e-mail address.")

    @Option(help: "Only users with this text in e-mail address or name.") var filter: String?
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let store = try UserAccess(settingsPath: config.path).store
        let users = try UserList.all(store, UserFilter(text: filter))
        if output.isJSON {
            try Report.line(JSON.lines(users.map { UserReport.json($0) }))
        } else if users.isEmpty {
            try Report.line(filter == nil ? "no users yet. Add one: postern user add" : "no user matches")
        } else {
            try Report.text(UserReport.list(users))
        }
    }

    /// Page by page, since one page is bounded.
    private static func all(_ store: UserStore, _ filter: UserFilter) throws -> [User] {
        var filter = filter
        var users: [User] = []
        while true {
            let page = try store.list(filter)
            users += page
            guard page.count == filter.limit, let last = page.last else { return users }
            filter.after = last.email
        }
    }
}

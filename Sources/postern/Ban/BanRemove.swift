import Accounts
import ArgumentParser
import RateWindows
import Service
import System

struct BanRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Let somebody log in again, and forget the wrong passwords that led to it.",
        discussion: """
            Of an address or IPv6 /64: bans by hand of just this, a ban for failed logins, and the network's count of \
            them. Of a user: bans by hand, and the wrong passwords from networks where the user never logged in. Exit \
            status 3 when there was nothing.
            """)

    @Argument(help: ArgumentHelp("As it stands in the list, or a user's id or e-mail address.", valueName: "whom"))
    var word: String
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let users = try UserAccess(settingsPath: config.path)
        let (subject, user) = try BanWord.subject(word, users.user)
        // The table first: MariaDB may be away, and the ban for failed logins ends all the same.
        let cleared = try clear(subject, users.settings)
        let byHand: Int
        do {
            byHand = try users.database.bans.remove(subject: subject)
        } catch {
            if !cleared.isEmpty { try report(0, cleared, LimitLabels(users.settings), user) }
            throw Failure("\(error). Bans by hand are as they were")
        }
        if byHand > 0 { users.noteBan() }
        try report(byHand, cleared, LimitLabels(users.settings), user)
        if byHand == 0 && cleared.isEmpty { throw ExitCode(ExitStatus.notFound) }
    }

    private func clear(_ subject: BanSubject, _ settings: Settings) throws -> [EntryReport] {
        guard let table = try WorkersTable.open(settings) else { return [] }
        let now = Moment.now().boot
        switch subject {
        case .user(let id):
            return AutomaticBans.forgive(.user(high: id.high, low: id.low), in: table, at: now)
        case .network(let text):
            return AutomaticBans.remove(AutomaticBans.keys(text), from: table, at: now)
        }
    }

    private func report(_ byHand: Int, _ cleared: [EntryReport], _ labels: LimitLabels, _ user: User?) throws {
        let title = TerminalText.safe(user?.email.text ?? word)
        let now = Moment.now()
        let texts = cleared.map { EntryText(entry: $0, label: nil, user: user, labels: labels, now: now) }
        if output.isJSON {
            let parts: [(name: String, value: JSON)] = [
                ("removed", .number(byHand)), ("cleared", .list(texts.map(\.json))),
            ]
            return try Report.line(JSON.object(parts).text)
        }
        if byHand > 0 { try Report.line("\(title): \(byHand == 1 ? "1 ban" : "\(byHand) bans") by hand removed") }
        for text in texts { try Report.line(TerminalText.safe("\(text.row[0]): \(text.row[2]) cleared, \(text.used)")) }
        if byHand == 0 && cleared.isEmpty { Report.error("\(title): no ban, and no wrong password is counted") }
    }
}

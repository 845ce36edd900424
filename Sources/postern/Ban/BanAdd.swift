import Accounts
import ArgumentParser
import Service
import System

struct BanAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Refuse the logins of an address, a network or a user.")

    @Argument(help: ArgumentHelp("Address, network (10.0.0.0/8), user id or e-mail address.", valueName: "whom"))
    var word: String
    @Option(
        name: .customLong("for"), help: ArgumentHelp("\"30m\", \"1h\", \"30d\"; without: for ever.", valueName: "time"))
    var time: String?
    @Option(help: "Why; shown in the list.") var note = ""
    @Flag(help: "Also this host's own address, and networks wider than /8 (IPv6: /32).") var force = false
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    mutating func validate() throws {
        if let time, DurationText.seconds(time).map({ $0 == 0 }) ?? true {
            throw ValidationError("\"\(time)\" is not a time. Example: \"30m\", \"1h\", \"30d\"")
        }
    }

    func run() throws {
        let madeBy = Person.name()
        let users = try UserAccess(settingsPath: config.path)
        let (subject, user) = try BanWord.subject(word, users.user)
        if !force, let danger = BanWord.danger(subject) {
            throw Failure("\(danger). Cure: --force, when that is meant")
        }
        let until = time.flatMap(DurationText.seconds).map { Moment.now().wall + Int64($0) }
        let ban = try users.database.bans.add(NewBan(subject, note: note, madeBy: madeBy, until: until))
        users.noteBan()
        let text = BanText(byHand: ban, user: user, now: .now())
        if output.isJSON { return try Report.line(text.json.text) }
        try Report.line(
            TerminalText.safe(text.subject) + ": banned " + (until.map { "until \(Timestamp.text($0))" } ?? "for ever"))
    }
}

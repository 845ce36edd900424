import ArgumentParser
import RateWindows
import System

struct LimitShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Everything that is counted for one address, network or user.")

    @Argument(help: ArgumentHelp("IPv4, IPv6 (address, /64, /48), user id or e-mail address.", valueName: "key"))
    var word: String
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let live = try LiveTable(settingsPath: config.path)
        let keys = try CountedKeys(word, in: live.table, live.names)
        let now = Moment.now()
        let entries = try live.entries(at: now.boot) { entry in entry.key.map { keys.label(of: $0) != nil } ?? false }
        let texts = entries.map { entry in
            EntryText(
                entry: entry, label: entry.key.flatMap(keys.label), user: live.user(of: entry.key),
                labels: live.labels, now: now)
        }
        if output.isJSON {
            try Report.line(JSON.lines(texts.map(\.json)))
        } else if texts.isEmpty {
            try Report.line("\(TerminalText.safe(keys.title)): nothing is counted, all places are free")
        } else {
            var table = TextTable(EntryText.heading)
            for text in texts { table.add(text.row) }
            try Report.text(table.text)
        }
        live.names.warn("What is counted by e-mail, or by user and network, is shown as far as it is known without")
    }
}

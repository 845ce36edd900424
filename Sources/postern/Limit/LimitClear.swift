import ArgumentParser
import RateWindows
import Service
import System

struct LimitClear: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear", abstract: "Forget what is counted: of a key, of a key under one limit, of a limit.",
        discussion: "Exit status 3 when nothing was counted. What the limits allow starts anew for whoever is cleared.")

    @Argument(help: ArgumentHelp("IPv4, IPv6 (address, /64, /48), user id or e-mail address.", valueName: "key"))
    var word: String?
    @Option(
        name: .customLong("limit"), help: ArgumentHelp("Only this limit; without a key: of all.", valueName: "name"))
    var limit: String?
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    mutating func validate() throws {
        if word == nil && limit == nil { throw ValidationError("a key or --limit is needed") }
    }

    func run() throws {
        let live = try LiveTable(settingsPath: config.path)
        let number = try limit.map { try live.labels.number($0) }
        let keys = try word.map { try CountedKeys($0, in: live.table, live.names) }
        let now = Moment.now()
        let entries = try live.entries(at: now.boot) { entry in
            guard let key = entry.key, number == nil || LimitNumbers.limit(ofRule: entry.number) == number else {
                return false
            }
            return keys.map { $0.label(of: key) != nil } ?? true
        }
        let cleared = LimitClear.clear(entries, in: live.table)
        let texts = cleared.map {
            EntryText(
                entry: $0, label: $0.key.flatMap { keys?.label(of: $0) }, user: nil, labels: live.labels, now: now)
        }
        try report(texts, keys?.title)
        live.names.warn("What is counted by e-mail, or by user and network, was cleared as far as it is known without")
        if cleared.isEmpty { throw ExitCode(ExitStatus.notFound) }
    }

    /// What was there to be cleared; an entry that ended meanwhile is none.
    static func clear(_ entries: [EntryReport], in table: Table) -> [EntryReport] {
        entries.filter { entry in
            guard let key = entry.key,
                let rule = Rule(number: entry.number, realm: entry.realm, limit: entry.limit, window: entry.window)
            else { return false }
            return table.clear(key, under: rule).map { $0 > 0 } ?? false
        }
    }

    private func report(_ texts: [EntryText], _ title: String?) throws {
        if output.isJSON { return try Report.line(JSON.lines(texts.map(\.json))) }
        if texts.isEmpty { return Report.error("\(TerminalText.safe(title ?? limit ?? "")): nothing was counted") }
        if title == nil { return try Report.line("\(TerminalText.safe(limit ?? "")): \(texts.count) cleared") }
        var table = TextTable()
        for text in texts { table.add(["cleared", text.row[0], text.row[2], text.used]) }
        try Report.text(table.text)
    }
}

import ArgumentParser
import RateWindows
import System

struct LimitTop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "The keys nearest to their limit, the fullest first.")

    @OptionGroup var filter: LimitFilter
    @OptionGroup var watch: WatchOption
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let live = try LiveTable(settingsPath: config.path)
        let isWanted = try filter.test(live.labels)
        try Watch.run(watch, isJSON: output.isJSON) {
            live.names.askAgain()
            let now = Moment.now()
            let entries = LimitTop.fullest(try live.entries(at: now.boot, isWanted), filter.most)
            let texts = entries.map {
                EntryText(entry: $0, label: nil, user: live.user(of: $0.key), labels: live.labels, now: now)
            }
            return output.isJSON ? JSON.lines(texts.map(\.json)) + "\n" : LimitTop.table(texts)
        }
        live.names.warn("Users are shown by id alone")
    }

    /// Of those that are equally full the one that waits longest comes first.
    static func fullest(_ entries: [EntryReport], _ most: Int) -> [EntryReport] {
        let sorted = entries.sorted { one, other in
            let (first, second) = (UInt64(one.used) * UInt64(other.limit), UInt64(other.used) * UInt64(one.limit))
            return first == second ? one.freeAt > other.freeAt : first > second
        }
        return Array(sorted.prefix(most))
    }

    private static func table(_ texts: [EntryText]) -> String {
        guard !texts.isEmpty else { return "nothing is counted\n" }
        var table = TextTable(EntryText.heading)
        for text in texts { table.add(text.row) }
        return table.text
    }
}

import ArgumentParser
import RateWindows
import Service
import System

struct LimitList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The limits in force, and how many keys each of them counts now.",
        discussion: "REFUSED and WOULD REFUSE count since the table was made.")

    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let settings = try Rights.enter(config.path)
        // Before the first worker has run, the limits are known and nothing is counted.
        let table = try WorkersTable.open(settings)
        let now = Moment.now()
        let entries = try table.map { try LiveTable(settings, $0).entries(at: now.boot) { !$0.isMark } } ?? []
        let lines = LimitLine.all(settings, entries, counts: table?.limitCounts() ?? [])
        if output.isJSON { return try Report.line(JSON.lines(lines.map(\.json))) }
        var text = TextTable(LimitLine.heading)
        for line in lines { text.add(line.row) }
        try Report.text(text.text)
        let shared = entries.count { $0.isShared }
        if shared > 0 {
            Report.warning(
                "\(shared) counts are shared by keys without room of their own: the table is too small for so many. "
                    + "Cure: raise service.rates_capacity, then systemctl restart postern")
        }
    }
}

/// A limit, its rule and its state.
struct LimitLine {
    static let heading = ["LIMIT", "RATE", "PER", "KEYS", "FULL", "REFUSED", "WOULD REFUSE", "TABLE AWAY", "EXEMPT"]

    let name: String
    /// `nil`: the settings have it no longer, and the table still counts.
    let limit: RateLimit?
    /// As a person says it, where the settings' word would not do.
    let per: String
    /// Keys of their own; with several windows or a /48 a key counts once.
    let keys: Int
    let full: Int
    let refused: Int
    let wouldRefuse: Int

    static func all(_ settings: Settings, _ entries: [EntryReport], counts: [LimitCounts]) -> [LimitLine] {
        var login = settings.login
        login.perNetwork.exempt.networks = login.exempt
        login.perUserAndNetwork.exempt.networks = login.exempt
        login.perUserElsewhere.exempt.networks = login.exempt
        let known: [(String, RateLimit, String)] =
            settings.limits.all.map { ($0.name, $0.limit, "\($0.limit.per)") } + [
                ("login.per_network", login.perNetwork, "network"),
                ("login.per_user_and_network", login.perUserAndNetwork, "user and network"),
                ("login.per_user_elsewhere", login.perUserElsewhere, "user elsewhere"),
            ]
        let labels = LimitLabels(settings)
        let gone = Set(entries.map(\.number).map(LimitNumbers.limit) + counts.map(\.limit))
            .filter { number in LimitNumbers.name(ofRule: number << 4, in: settings.limits) == nil && number != 0 }
        let lines = known.map { name, limit, per in
            line(name, limit, per, LimitNumbers.number(of: name), entries, counts)
        }
        return lines + gone.sorted().map { line(labels.name($0 << 4), nil, "", $0, entries, counts) }
    }

    private static func line(
        _ name: String, _ limit: RateLimit?, _ per: String, _ number: UInt32, _ entries: [EntryReport],
        _ counts: [LimitCounts]
    ) -> LimitLine {
        let own = entries.filter { LimitNumbers.limit(ofRule: $0.number) == number && $0.key != nil }
        let count = counts.first { $0.limit == number }
        return LimitLine(
            name: name, limit: limit, per: per, keys: Set(own.map(\.key)).count,
            full: Set(own.filter { $0.used >= $0.limit }.map(\.key)).count, refused: Int(clamping: count?.refused ?? 0),
            wouldRefuse: Int(clamping: count?.wouldRefuse ?? 0))
    }

    var row: [String] {
        guard let limit else {
            return [name, "not in the settings", "", "\(keys)", "\(full)", "\(refused)", "\(wouldRefuse)", "", ""]
        }
        return [
            name, limit.text + (limit.isDryRun ? " (dry run)" : ""), per, "\(keys)", "\(full)", "\(refused)",
            "\(wouldRefuse)", limit.whenAway.rawValue, limit.exempt.texts.joined(separator: " "),
        ]
    }

    var json: JSON {
        .object([
            ("name", .text(name)), ("rate", JSON(limit?.text)), ("per", JSON(limit.map { _ in per })),
            ("dry_run", .flag(limit?.isDryRun ?? false)), ("when_away", JSON(limit?.whenAway.rawValue)),
            ("exempt", .list(limit?.exempt.texts.map(JSON.text) ?? [])), ("keys", .number(keys)),
            ("full", .number(full)), ("refused", .number(refused)), ("would_refuse", .number(wouldRefuse)),
        ])
    }
}

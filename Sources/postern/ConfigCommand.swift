import ArgumentParser
import Service

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Settings in force that are not defaults; -a all, -d defaults.")

    @Flag(name: [.customShort("a"), .customLong("all")], help: "All settings in force.") var all = false
    @Flag(name: [.customShort("d"), .customLong("defaults")], help: "The defaults, with what each key does.")
    var defaults = false
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    mutating func validate() throws {
        if all && defaults { throw ValidationError("-a and -d exclude each other") }
    }

    func run() throws {
        let standard = Settings()
        if defaults {
            let list = SettingsList(SettingKeys.all, of: standard)
            return try Report.text(output.isJSON ? list.json : list.commented)
        }
        let settings = try Rights.settings(config.path)
        let keys = SettingKeys.of(settings).filter { all || $0.show(settings) != $0.show(standard) }
        let list = SettingsList(keys, of: settings)
        if output.isJSON { return try Report.text(list.json) }
        try Report.text("# \(try Rights.files(config.path).joined(separator: ", "))\n" + list.plain)
    }
}

/// Settings as TOML with sections, or as JSON.
struct SettingsList {
    private struct Entry {
        let key: SettingKey
        /// As TOML.
        let value: String
        let json: String
        /// TOML has no word for none: such a key is shown as a comment.
        var isAbsent: Bool { value == "\"\"" && key.name == "tokens.migration.until" }
    }

    private let entries: [Entry]

    init(_ keys: [SettingKey], of settings: Settings) {
        entries = keys.map { Entry(key: $0, value: $0.show(settings), json: $0.json(settings)) }
    }

    var plain: String { sections { SettingsList.line($0) } }

    /// Each key below what it does.
    var commented: String { sections { "# \($0.key.comment)\n" + SettingsList.line($0) } }

    /// Sections as objects: {"site":{"issuer":"..."},"tokens":{"migration":{...}}}
    var json: String { SettingsList.object(entries.map { ($0.key.name[...], .written($0.json)) }).text + "\n" }

    private func sections(_ text: (Entry) -> String) -> String {
        var result = ""
        var section = ""
        for entry in entries {
            if entry.key.section != section {
                section = entry.key.section
                result += (result.isEmpty ? "" : "\n") + "[\(section)]\n"
            }
            result += text(entry)
        }
        return result
    }

    private static func line(_ entry: Entry) -> String {
        (entry.isAbsent ? "#" : "") + "\(entry.key.shortName) = \(entry.value)\n"
    }

    private static func object(_ members: [(name: Substring, value: JSON)]) -> JSON {
        var result: [(name: String, value: JSON)] = []
        var rest = members[...]
        while let first = rest.first {
            let head = first.name.prefix { $0 != "." }
            let group = rest.prefix { $0.name == head || $0.name.hasPrefix(head + ".") }
            rest = rest.dropFirst(group.count)
            let isKey = head == first.name
            let value = isKey ? first.value : object(group.map { ($0.name.dropFirst(head.count + 1), $0.value) })
            result.append((String(head), value))
        }
        return .object(result)
    }
}

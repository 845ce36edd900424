/// On which line of a TOML file a key stands; the parser that reads the values does not tell.
struct SettingLines {
    private var lines: [String: Int] = [:]

    init(_ text: String) {
        var section = ""
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            if trimmed.hasPrefix("[") {
                let name = trimmed.drop { $0 == "[" }.prefix { $0 != "]" }
                section = SettingLines.plain(name)
                if lines[section] == nil { lines[section] = index + 1 }
            } else if let equals = trimmed.firstIndex(of: "="), !trimmed.hasPrefix("#") {
                let name = SettingLines.plain(trimmed[..<equals])
                lines[section.isEmpty ? name : section + "." + name] = index + 1
            }
        }
    }

    /// The line of the key, or of the nearest table around it.
    func line(of key: String) -> Int? {
        var name = key[...]
        while true {
            if let line = lines[String(name)] { return line }
            guard let dot = name.lastIndex(of: ".") else { return nil }
            name = name[..<dot]
        }
    }

    private static func plain(_ name: Substring) -> String {
        String(name.filter { $0 != " " && $0 != "\t" && $0 != "\"" && $0 != "'" })
    }
}

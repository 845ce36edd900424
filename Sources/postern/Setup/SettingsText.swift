/// Sets one key in the text of a settings file and leaves everything else as the sysadmin wrote it.
enum SettingsText {
    /// The text with `name = value` in `[section]`: in the place of the key's line, else of the line that shows the
    /// default behind a `#`, else as the section's first line, else in a new section at the end.
    ///
    /// - Parameter value: a text; it is quoted here.
    static func setting(_ name: String, in section: String, to value: String, _ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let assignment = "\(name) = \(quoted(value))"
        guard let header = lines.firstIndex(where: { isHeader($0, of: section) }) else {
            let separator = text.isEmpty || text.hasSuffix("\n") ? "" : "\n"
            return text + separator + "\n[\(section)]\n\(assignment)\n"
        }
        let body = lines[(header + 1)...].prefix { !isAnyHeader($0) }.indices
        let line =
            body.first { key(of: lines[$0][...]) == name }
            ?? body.first { lines[$0].hasPrefix("#") && key(of: lines[$0].drop { $0 == "#" }) == name }
        guard let line else {
            lines.insert(assignment, at: header + 1)
            return lines.joined(separator: "\n")
        }
        lines[line] = replaced(lines[line], by: assignment)
        return lines.joined(separator: "\n")
    }

    static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private static func isAnyHeader(_ line: String) -> Bool { line.drop { $0 == " " || $0 == "\t" }.hasPrefix("[") }

    private static func isHeader(_ line: String, of section: String) -> Bool {
        line.prefix { $0 != "#" }.filter { !$0.isWhitespace } == "[\(section)]"
    }

    /// What stands before `=`; nil for a line without one.
    private static func key(of line: Substring) -> String? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        return line[..<equals].filter { !$0.isWhitespace }
    }

    /// The comment at the line's end stays, in its column where there is room.
    private static func replaced(_ line: String, by assignment: String) -> String {
        guard let start = comment(in: line) else { return assignment }
        let column = line.distance(from: line.startIndex, to: start)
        let gap = max(2, column - assignment.count)
        return assignment + String(repeating: " ", count: gap) + line[start...]
    }

    /// Where the comment behind the value begins; a `#` inside quotes is none.
    private static func comment(in line: String) -> String.Index? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        var isQuoted = false
        var isEscaped = false
        for index in line[equals...].indices {
            switch line[index] {
            case _ where isEscaped: isEscaped = false
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case "#" where !isQuoted: return index
            default: break
            }
        }
        return nil
    }
}

/// Rows in aligned columns, two spaces apart, for people.
struct TextTable {
    private let heading: [String]
    private var rows: [[String]] = []

    /// Without a heading only the rows are shown.
    init(_ heading: [String] = []) { self.heading = heading }

    /// Each cell is made safe for a terminal.
    mutating func add(_ row: [String]) { rows.append(row.map(TerminalText.safe)) }

    /// One line a row, each with its line feed and without spaces at its end.
    var text: String {
        let all = heading.isEmpty ? rows : [heading] + rows
        let columns = all.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return all.map { row in TextTable.line(row, widths) + "\n" }.joined()
    }

    private static func line(_ row: [String], _ widths: [Int]) -> String {
        var line = ""
        for (cell, width) in zip(row, widths) {
            line += cell + String(repeating: " ", count: width - cell.count + 2)
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}

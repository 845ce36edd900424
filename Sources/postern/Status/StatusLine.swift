/// How the service is, as a whole or in one part; the raw value is the exit status.
enum Health: Int32, Comparable {
    case well = 0
    case degraded = 1
    case down = 2

    static func < (one: Health, other: Health) -> Bool { one.rawValue < other.rawValue }

    var word: String {
        switch self {
        case .well: "well"
        case .degraded: "degraded"
        case .down: "down"
        }
    }
}

/// One line of `postern status`.
struct StatusLine {
    let subject: String
    var health = Health.well
    /// What one wants to know first.
    let head: String
    var detail = ""
    /// The command that tells more, or mends it.
    var hint = ""
    /// The same for programs.
    var json: [(name: String, value: JSON)] = []

    /// "workers     2 of 2 ready     1: 18 MiB, 6 days"; what is not well begins with a mark.
    var text: String {
        let mark = health == .well ? "" : "! "
        var line = StatusLine.padded(mark + subject, 12) + StatusLine.padded(TerminalText.safe(head), 17)
        line += StatusLine.padded(TerminalText.safe(detail), hint.isEmpty ? 0 : 38) + TerminalText.safe(hint)
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        width == 0 ? text : text + String(repeating: " ", count: max(2, width - text.count))
    }
}

/// Figures as people read them.
enum Figure {
    /// "7,812"
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (place, digit) in String(number).reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// "2.3", with one digit behind the point.
    static func tenths(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "0.0" }
        let tenths = (part * 10 + whole / 2) / whole
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// "2.3 %"
    static func percent(_ part: Int, of whole: Int) -> String { tenths(part * 100, of: whole) + " %" }

    /// "0.4 ms"; from 100 ms without the tenths.
    static func milliseconds(_ nanoseconds: UInt64) -> String {
        let microseconds = Int(clamping: nanoseconds / 1000)
        return microseconds < 100_000 ? tenths(microseconds, of: 1000) + " ms" : "\(microseconds / 1000) ms"
    }
}

/// The one line that monitoring reads, and its exit status (Monitoring Plugins Development Guidelines).
struct NagiosLine {
    let text: String
    let status: Int32

    init(_ findings: [Finding]) {
        let worst = findings.first { $0.state == .fail } ?? findings.first { $0.state == .warn }
        let (failures, warnings) = (findings.count(.fail), findings.count(.warn))
        status = failures > 0 ? 2 : warnings > 0 ? 1 : 0
        let word = ["OK", "WARNING", "CRITICAL"][Int(status)]
        let what = worst.map { "\($0.subject): \($0.detail) (\(findings.summary))" } ?? findings.summary
        text =
            "POSTERN \(word) - \(NagiosLine.plain(what))|ok=\(findings.count(.ok));;;0 warnings=\(warnings);0;;0 "
            + "failures=\(failures);;0;0"
    }

    /// What could not be looked at: arguments or settings that are unusable.
    init(unknown reason: String) {
        status = 3
        text = "POSTERN UNKNOWN - \(NagiosLine.plain(reason))"
    }

    /// A bar begins the figures, and a line feed ends the line.
    private static func plain(_ text: String) -> String {
        let line = text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
        return TerminalText.safe(line.replacing("|", with: "/"))
    }

    /// Whether these arguments are a check for monitoring, which must hear of its own faults in its own way.
    static func isWanted(_ words: [String]) -> Bool { words.first == "check" && words.contains("--nagios") }
}

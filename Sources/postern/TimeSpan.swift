/// Lengths of time as people read them: "12 s", "12 min", "5 h", "6 days".
enum TimeSpan {
    private static let second: UInt64 = 1_000_000_000

    /// What is left, rounded up: who waits that long does not come too early.
    static func left(_ nanoseconds: UInt64) -> String { text((nanoseconds + second - 1) / second, roundsUp: true) }

    static func past(seconds: Int) -> String { text(UInt64(max(0, seconds)), roundsUp: false) }

    /// A window of a rule, as the settings write it: "1m", "10s".
    static func window(_ nanoseconds: UInt64) -> String {
        let seconds = (nanoseconds + second - 1) / second
        for (unit, name) in [(86_400, "d"), (3600, "h"), (60, "m")] as [(UInt64, String)] where seconds % unit == 0 {
            return "\(seconds / unit)\(name)"
        }
        return "\(seconds)s"
    }

    private static func text(_ seconds: UInt64, roundsUp: Bool) -> String {
        func count(_ unit: UInt64) -> UInt64 { roundsUp ? (seconds + unit - 1) / unit : seconds / unit }
        if seconds < 100 { return "\(seconds) s" }
        if count(60) < 100 { return "\(count(60)) min" }
        if count(3600) < 48 { return "\(count(3600)) h" }
        return "\(count(86_400)) days"
    }
}

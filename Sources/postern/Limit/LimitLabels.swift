import RateWindows
import Service

/// The names of limits, from the numbers that the rate table has.
struct LimitLabels {
    private let limits: Settings.Limits

    init(_ settings: Settings) { limits = settings.limits }

    /// "login"; with "/48" where it counts the wide network, "-2" for the second of several windows. A number that the
    /// settings do not have, of a limit that was taken out, stands as "limit 4711".
    func label(_ rule: UInt32) -> String {
        let window = rule & 7
        return name(rule) + (window == 0 ? "" : "-\(window + 1)") + (LimitNumbers.isWide(rule: rule) ? " /48" : "")
    }

    func name(_ rule: UInt32) -> String {
        LimitNumbers.name(ofRule: rule, in: limits) ?? "limit \(LimitNumbers.limit(ofRule: rule))"
    }

    /// The number of a limit by its name, or as it is shown where it has none.
    func number(_ word: String) throws(Failure) -> UInt32 {
        let names = LimitNumbers.own.map(\.name) + limits.named.keys.sorted()
        if names.contains(word) { return LimitNumbers.number(of: word) }
        if let number = UInt32(word) { return number }
        throw Failure(
            "\(TerminalText.safe(word)): no such limit (\(names.joined(separator: ", ")))",
            status: ExitStatus.unusable)
    }
}

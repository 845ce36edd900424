/// One part of a rate as a sysadmin writes it: "20/minute" is 20 in 60 s.
public struct Rate: Sendable, Hashable {
    public let limit: UInt32
    /// ns
    public let window: UInt64

    public init(limit: UInt32, window: UInt64) {
        self.limit = limit
        self.window = window
    }
}

/// A rate that cannot be used, in words for a sysadmin; the caller puts file, line and key in front.
public struct RuleError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
}

/// Reads "20/minute", "5/10s", "1000/hour; 20/second".
public enum RuleText {
    private static let example = "Example: \"20/minute\", \"5/10s\""
    private static let units: [(names: [Substring], seconds: UInt64)] = [
        (["second", "seconds", "sec", "s"], 1),
        (["minute", "minutes", "min", "m"], 60),
        (["hour", "hours", "h"], 3600),
        (["day", "days", "d"], 86_400),
    ]
    private static let mostParts = 8

    /// The parts in the order they are written. A count before the unit is a multiple: "5/10s" is 5 in 10 s.
    public static func parse(_ text: String) throws(RuleError) -> [Rate] {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
        guard parts.count <= mostParts else { throw problem(text, "more than \(mostParts) rates") }
        var rates: [Rate] = []
        for part in parts {
            let rate = try parsePart(part, of: text)
            guard !rates.contains(where: { $0.window == rate.window }) else {
                throw problem(text, "two rates for the same window")
            }
            rates.append(rate)
        }
        return rates
    }

    private static func parsePart(_ part: Substring, of text: String) throws(RuleError) -> Rate {
        let sides = part.split(separator: "/", omittingEmptySubsequences: false).map(trimmed)
        guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
            throw problem(text, "not a rate (a number, \"/\", a time)")
        }
        guard let limit = number(sides[0]), limit <= UInt64(Rule.limits.upperBound), limit >= 1 else {
            throw problem(text, "\"\(sides[0])\" is not a number from 1 to 1000000")
        }
        return Rate(limit: UInt32(limit), window: try window(sides[1], of: text))
    }

    private static func window(_ side: Substring, of text: String) throws(RuleError) -> UInt64 {
        let digits = side.prefix(while: isDigit)
        let word = trimmed(side.dropFirst(digits.count))
        guard let unit = units.first(where: { $0.names.contains(word) }) else {
            throw problem(text, word.isEmpty ? "no unit (\(known))" : "unknown unit \"\(word)\" (\(known))")
        }
        let most = Rule.windows.upperBound / 1_000_000_000
        guard let count = digits.isEmpty ? 1 : number(digits), (1...most).contains(count),
            unit.seconds * count <= most
        else {
            throw problem(text, "a window is 1 second to 30 days")
        }
        return unit.seconds * count * 1_000_000_000
    }

    private static let known = "second, minute, hour, day"

    private static func problem(_ text: String, _ what: String) -> RuleError {
        RuleError(description: "\"\(text)\": \(what). \(example)")
    }

    private static func isDigit(_ character: Character) -> Bool {
        ("0"..."9").contains(character) && character.isASCII
    }

    /// Digits only, no sign; `nil` as well when it does not fit.
    private static func number(_ text: Substring) -> UInt64? {
        guard !text.isEmpty, text.allSatisfy(isDigit) else { return nil }
        return UInt64(text)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text = text.dropFirst() }
        while text.last == " " || text.last == "\t" { text = text.dropLast() }
        return text
    }
}

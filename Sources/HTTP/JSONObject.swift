/// Writes JSON (RFC 8259): the few shapes that responses have, without a tree in between.
public struct JSONObject: Sendable {
    public private(set) var text = "{"
    private var isEmpty = true

    public init() {}

    public mutating func add(_ name: StaticString, _ value: String) {
        begin(name)
        JSONObject.quote(value, into: &text)
    }

    public mutating func add(_ name: StaticString, _ value: Int) {
        begin(name)
        text += String(value)
    }

    public mutating func add(_ name: StaticString, _ value: Bool) {
        begin(name)
        text += value ? "true" : "false"
    }

    /// `value` is JSON already.
    public mutating func add(_ name: StaticString, raw value: String) {
        begin(name)
        text += value
    }

    /// The object, closed.
    public consuming func object() -> String { text + "}" }

    public static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

    /// A string in quotes, with control characters, quotes and backslashes escaped.
    public static func quote(_ value: String) -> String {
        var text = ""
        quote(value, into: &text)
        return text
    }

    private mutating func begin(_ name: StaticString) {
        if !isEmpty { text += "," }
        isEmpty = false
        text += "\"\(name)\":"
    }

    private static func quote(_ value: String, into text: inout String) {
        text += "\""
        // Most values need no escape: they are taken whole.
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c && $0 != 0x7f }) {
            text += value
        } else {
            for scalar in value.unicodeScalars { escape(scalar, into: &text) }
        }
        text += "\""
    }

    private static func escape(_ scalar: Unicode.Scalar, into text: inout String) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case _ where scalar.value < 0x20 || scalar.value == 0x7f:
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }
}

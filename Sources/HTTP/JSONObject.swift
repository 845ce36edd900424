import System

/// Writes one JSON object (RFC 8259) straight into bytes: the few shapes that responses have, without a tree between.
public struct JSONObject: Sendable {
    private var text: [UInt8] = [UInt8(ascii: "{")]

    public init() { text.reserveCapacity(256) }

    public mutating func add(_ name: String, _ value: String) {
        begin(name)
        JSONObject.quote(value, into: &text)
    }

    public mutating func add(_ name: String, _ value: Int) {
        begin(name)
        text.append(contentsOf: String(value).utf8)
    }

    public mutating func add(_ name: String, _ values: [String]) {
        begin(name)
        JSONObject.list(values, into: &text) { JSONObject.quote($0, into: &$1) }
    }

    public mutating func add(_ name: String, _ objects: [JSONObject]) {
        begin(name)
        JSONObject.list(objects, into: &text) { $1.append(contentsOf: $0.bytes()) }
    }

    public consuming func bytes() -> [UInt8] {
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// A string in quotes, with control characters, quotes and backslashes escaped.
    public static func quote(_ value: String) -> String {
        var text: [UInt8] = []
        quote(value, into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Names are written in the source and need no escape.
    private mutating func begin(_ name: String) {
        if text.count > 1 { text.append(UInt8(ascii: ",")) }
        text.append(UInt8(ascii: "\""))
        text.append(text: name)
        text.append(UInt8(ascii: "\""))
        text.append(UInt8(ascii: ":"))
    }

    private static func list<Element>(
        _ elements: [Element], into text: inout [UInt8], _ write: (Element, inout [UInt8]) -> Void
    ) {
        text.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            write(element, &text)
        }
        text.append(UInt8(ascii: "]"))
    }

    private static func quote(_ value: String, into text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        defer { text.append(UInt8(ascii: "\"")) }
        // Most values need no escape and are taken whole.
        guard value.hasEight({ $0.hasByte(below: 0x20) || $0.has(0x7f) || $0.has(mark) || $0.has(backslash) }) else {
            text.append(text: value)
            return
        }
        for byte in value.utf8 {
            switch byte {
            case mark, backslash:
                text.append(backslash)
                text.append(byte)
            case 0..<0x20, 0x7f:
                text.append(contentsOf: "\\u00".utf8)
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            default:
                text.append(byte)
            }
        }
    }

    private static let mark = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let digits = Array("0123456789abcdef".utf8)
}

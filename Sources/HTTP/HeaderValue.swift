import System

/// A field value that cannot break a header: visible ASCII, space and tab only (RFC 9110 section 5.5).
///
/// This is the one way into a response header, so nothing a user typed gets there unchecked.
public struct HeaderValue: Sendable, Equatable {
    public let text: String

    /// nil when `text` holds a byte that may not stand in a field value.
    public init?(_ text: String) {
        let isPlain = !text.hasEight { $0.hasByte(below: 0x20) || $0.has(0x7f) || !$0.isASCII }
        guard isPlain || text.utf8.allSatisfy(HeaderValue.mayStand) else { return nil }
        self.text = text
    }

    private static func mayStand(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7f || byte == 0x09 }

    /// For texts written in the source.
    public init(_ text: StaticString) { self.text = "\(text)" }

    public init(_ number: some BinaryInteger) { text = String(number) }

    /// A quoted-string (RFC 9110 section 5.6.4); bytes that may not stand in one are left out.
    public init(quoting text: String) {
        var quoted = "\""
        for scalar in text.unicodeScalars where scalar.value >= 0x20 && scalar.value < 0x7f {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        self.text = quoted + "\""
    }

    /// Words of any language, as UTF-8 (RFC 9110 section 5.5, obs-text): control characters are left out, what else ends
    /// a line for somebody (U+2028, U+2029), and white space at both ends.
    public init(words text: String) {
        let ends = [text.utf8.first, text.utf8.last]
        if let plain = HeaderValue(text), !ends.contains(0x20), !ends.contains(0x09) {
            self = plain
            return
        }
        var words = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: continue
            default: words.unicodeScalars.append(scalar)
            }
        }
        self.text = words.trimmingSpace
    }

    public static let json: HeaderValue = HeaderValue("application/json")
    public static let problemJSON: HeaderValue = HeaderValue("application/problem+json")
    public static let noStore: HeaderValue = HeaderValue("no-store")
    public static let noSniff: HeaderValue = HeaderValue("nosniff")
    public static let html: HeaderValue = HeaderValue("text/html; charset=utf-8")

    /// For what was a value before.
    init(checked text: String) { self.text = text }

    public static func + (left: HeaderValue, right: HeaderValue) -> HeaderValue {
        HeaderValue(checked: left.text + right.text)
    }
}

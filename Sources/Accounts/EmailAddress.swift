// The standard library normalises text for its own comparisons and shows the result under this name only; the
// other way to NFC is Foundation, which the worker does without.
@_spi(_Unicode) import Swift
import System

/// An e-mail address in the one form in which it is stored, looked up and counted.
///
/// ASCII letters are lower case, everything else stands in Unicode normalization form C (UAX #15). Two addresses
/// that differ in an accent, in the case of a letter beyond ASCII or in a space are two addresses.
public struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of UTF-8 at most (RFC 5321 section 4.5.3.1.3, less the angle brackets).
    public static let maximumLength = 254

    public let text: String

    /// Brings what somebody typed into the stored form. White space around it is refused, not dropped: the rate key
    /// and the look-up then see what the client sent.
    public init(_ input: String) throws(AccountsError) {
        // Bounded before any work: one scalar becomes at most three in this form.
        guard input.utf8.count <= Self.maximumLength * 3 else { throw Self.tooLong }
        let text = Self.normalized(input)
        guard text.utf8.count <= Self.maximumLength else { throw Self.tooLong }
        guard !text.unicodeScalars.contains(where: Self.isForbidden) else {
            throw .invalid(field: "email", reason: "white space or control characters are not allowed")
        }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .invalid(field: "email", reason: "one @ with something on both sides is expected")
        }
        self.text = text
    }

    /// As it stands in the database, also where somebody wrote it there by hand in another form.
    init(stored text: String) { self.text = text }

    public var description: String { text }

    /// Addresses are the same when their bytes are; Swift's own comparison would take two Unicode forms for one.
    public static func == (one: EmailAddress, other: EmailAddress) -> Bool {
        hasSameBytes(one.text, other.text)
    }

    /// Whether `text` is this address byte for byte, without bringing it into the stored form first.
    public func isSpelled(_ text: String) -> Bool { hasSameBytes(self.text, text) }

    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    private static var tooLong: AccountsError {
        .invalid(field: "email", reason: "more than \(maximumLength) bytes")
    }

    private static func normalized(_ input: String) -> String {
        var text = ""
        text.reserveCapacity(input.utf8.count)
        for scalar in input._nfc {
            let isUpper = ("A"..."Z").contains(scalar)
            text.unicodeScalars.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
        }
        return text
    }

    /// Control characters (NUL too), white space, and the marks that turn the direction of a terminal's text.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.properties.isWhitespace
            || scalar.properties.isBidiControl
    }
}

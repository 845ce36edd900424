/// Base64url without padding (RFC 7515 section 2, RFC 4648 section 5), strict: one byte string has one text.
public enum Base64URL {
    public static func encode(_ bytes: Span<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        append(bytes, to: &text)
        return text
    }

    /// The text as a `String`; it is always ASCII.
    public static func string(_ bytes: [UInt8]) -> String {
        String(decoding: encode(bytes.span), as: UTF8.self)
    }

    public static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        text.reserveCapacity(text.count + (bytes.count * 4 + 2) / 3)
        var index = 0
        while index + 2 < bytes.count {
            let group = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
            text.append(alphabet[group >> 18])
            text.append(alphabet[group >> 12 & 63])
            text.append(alphabet[group >> 6 & 63])
            text.append(alphabet[group & 63])
            index += 3
        }
        switch bytes.count - index {
        case 2:
            let group = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8
            text.append(alphabet[group >> 18])
            text.append(alphabet[group >> 12 & 63])
            text.append(alphabet[group >> 6 & 63])
        case 1:
            let group = Int(bytes[index]) << 16
            text.append(alphabet[group >> 18])
            text.append(alphabet[group >> 12 & 63])
        default:
            break
        }
    }

    /// `nil` for padding, white space, `+` and `/` or any other byte, an impossible length, and bits behind the last
    /// byte that are not zero.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        let rest = text.count % 4
        guard rest != 1 else { return nil }
        let values = values
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 2)
        // The top bit of `seen` is set by any byte outside the alphabet; it is looked at once, at the end.
        var seen: UInt32 = 0
        var index = 0
        while index < text.count - rest {
            let first = values[Int(text[index])]
            let second = values[Int(text[index + 1])]
            let third = values[Int(text[index + 2])]
            let fourth = values[Int(text[index + 3])]
            seen |= first | second | third | fourth
            let group = first << 18 | second << 12 | third << 6 | fourth
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            bytes.append(UInt8(truncatingIfNeeded: group >> 8))
            bytes.append(UInt8(truncatingIfNeeded: group))
            index += 4
        }
        if rest > 1 {
            let first = values[Int(text[index])]
            let second = values[Int(text[index + 1])]
            let third = rest == 3 ? values[Int(text[index + 2])] : 0
            seen |= first | second | third
            let group = first << 18 | second << 12 | third << 6
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            if rest == 3 { bytes.append(UInt8(truncatingIfNeeded: group >> 8)) }
            guard group & (rest == 3 ? 0xFF : 0xFFFF) == 0 else { return nil }
        }
        return seen & invalid == 0 ? bytes : nil
    }

    /// The same for a text in a `String`.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? { decode(Array(text.utf8).span) }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let invalid: UInt32 = 1 << 31
    private static let values: [UInt32] = {
        var table = [UInt32](repeating: invalid, count: 256)
        for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt32(value) }
        return table
    }()
}

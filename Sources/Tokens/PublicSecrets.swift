import Cryptography

/// Secrets that are printed in tutorials, examples and repositories: a length check does not stop them, and everybody
/// can sign with them.
///
/// A secret is known as raw bytes, as text, and as `k`: the bytes themselves, what they encode and what they decode
/// to as base64, base64url or hexadecimal are looked up.
public enum PublicSecrets {
    public static func contains(_ secret: SecretBytes) throws(CryptographyError) -> Bool {
        var forms = secret.withBytes { bytes in PublicSecrets.forms(of: bytes) }
        defer { for index in forms.indices { wipe(&forms[index]) } }
        for form in forms where prefixes.contains(sorted: try prefix(of: form)) { return true }
        return false
    }

    /// How many secrets are known.
    static var count: Int { prefixes.count }

    private static let prefixes: [UInt64] = {
        let bytes = Base64URL.decode(Array(list.description.utf8).span) ?? []
        return stride(from: 0, to: bytes.count, by: 8).map { bigEndian(bytes[$0..<$0 + 8]) }
    }()

    private static func forms(of bytes: Span<UInt8>) -> [[UInt8]] {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        for index in bytes.indices { plain.append(bytes[index]) }
        let url = Base64URL.encode(bytes)
        let classic = url.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? 0x2F : $0 }
        let padding = [UInt8](repeating: UInt8(ascii: "="), count: (4 - url.count % 4) % 4)
        let lower = hexadecimal(plain, digits: "0123456789abcdef")
        let upper = hexadecimal(plain, digits: "0123456789ABCDEF")
        return [plain, url, url + padding, classic, classic + padding, lower, upper] + decodings(of: plain)
    }

    /// What the bytes say as base64 of either alphabet or as hexadecimal, where they do; and base64 without padding.
    private static func decodings(of text: [UInt8]) -> [[UInt8]] {
        let unpadded = Array(text[..<(text.lastIndex { $0 != UInt8(ascii: "=") }.map { $0 + 1 } ?? 0)])
        var found = [unpadded]
        let url = unpadded.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == 0x2F ? UInt8(ascii: "_") : $0 }
        if let bytes = Base64URL.decode(url.span) { found.append(bytes) }
        let digits = text.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        if digits.count == text.count, digits.count.isMultiple(of: 2) {
            found.append(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
        }
        return found
    }

    private static func hexadecimal(_ bytes: [UInt8], digits: StaticString) -> [UInt8] {
        let digits = Array(digits.description.utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    private static func prefix(of bytes: [UInt8]) throws(CryptographyError) -> UInt64 {
        bigEndian(try sha256(bytes)[..<8])
    }

    private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension [UInt64] {
    /// A search by halves.
    fileprivate func contains(sorted value: UInt64) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == value
    }
}

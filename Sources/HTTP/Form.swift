/// A form body or a query: names and values of application/x-www-form-urlencoded (URL Standard, section 5.1).
public struct Form: Sendable, Equatable {
    public enum Fault: Error, Sendable, Equatable {
        /// A "%" without two hexadecimal digits behind it.
        case badEscape
        /// A value that is not UTF-8 once decoded.
        case notUTF8(name: String)
        /// A name that comes twice (RFC 6749 section 3.2: parameters must not repeat).
        case repeated(name: String)
        /// More fields than any form of ours has; each is compared with those before it.
        case tooMany
    }

    private static let mostFields = 64
    public private(set) var fields: [(name: String, value: String)] = []

    public init(_ bytes: some Collection<UInt8>) throws(Fault) {
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Form.decode(parts[0], of: nil)
            let value = parts.count == 2 ? try Form.decode(parts[1], of: name) : ""
            guard self[name] == nil else { throw .repeated(name: name) }
            guard fields.count < Form.mostFields else { throw .tooMany }
            fields.append((name, value))
        }
    }

    public subscript(name: String) -> String? {
        for field in fields where field.name == name { return field.value }
        return nil
    }

    public static func == (left: Form, right: Form) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }

    /// A value as it can stand in a form or a query; only letters, digits and `-._~` stay as they are (RFC 3986 section 2.3).
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func decode(_ encoded: some Collection<UInt8>, of name: String?) throws(Fault) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var rest = encoded.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(hexadecimal), let low = rest.next().flatMap(hexadecimal) else {
                    throw .badEscape
                }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(name: name ?? "") }
        return text
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

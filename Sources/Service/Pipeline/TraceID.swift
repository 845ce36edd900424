import Cryptography

/// The name of one request in the journal and in its answer: nginx's `$request_id`, 32 hexadecimal digits.
enum TraceID {
    /// The web server's id, when it can stand in a header and a log line as it is.
    static func accept(_ text: String) -> String? {
        let utf8 = text.utf8
        let bytes = utf8.span
        guard (8...64).contains(bytes.count) else { return nil }
        for index in bytes.indices where !isPlain(bytes[index]) { return nil }
        return text
    }

    static func make() -> String {
        // Without random bytes nothing can be signed either, and that error is reported where it matters.
        guard let bytes = try? randomBytes(16) else { return "00000000000000000000000000000000" }
        return Hexadecimal.text(bytes)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes { text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        return text
    }
}

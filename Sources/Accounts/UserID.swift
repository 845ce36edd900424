/// The id of a user: a UUID (RFC 9562), 128 bits.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A version 4 UUID of 16 random bytes. Version 4 and not 7: an id stands in tokens, and the time at which an
    /// account was made is nobody's business.
    public init(random bytes: [UInt8]) {
        precondition(bytes.count == 16, "a UUID takes 16 random bytes")
        let high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        let low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
        self.high = high & ~0xf000 | 0x4000
        self.low = low & ~(0b11 << 62) | 0b10 << 62
    }

    /// The text form 8-4-4-4-12 in either case; nothing else.
    public init?(_ text: String) {
        let utf8 = text.utf8
        // Every request with a token comes through here: no allocation.
        let bytes = utf8.span
        guard bytes.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for position in bytes.indices {
            if UserID.isHyphen(at: position) {
                guard bytes[position] == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.value(of: bytes[position]) else { return nil }
            if position < 18 { halves.0 = halves.0 << 4 | digit } else { halves.1 = halves.1 << 4 | digit }
        }
        self.init(high: halves.0, low: halves.1)
    }

    /// Canonical: lower case, 8-4-4-4-12.
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(36)
        for digit in 0..<32 {
            if UserID.isHyphen(at: bytes.count) { bytes.append(UInt8(ascii: "-")) }
            let half = digit < 16 ? high : low
            let value = UInt8(half >> UInt64(60 - digit % 16 * 4) & 0xf)
            bytes.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isHyphen(at position: Int) -> Bool {
        position == 8 || position == 13 || position == 18 || position == 23
    }

    private static func value(of byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

/// Text as bytes, many at a time: every request writes and checks some twenty short texts.
extension [UInt8] {
    /// `append(contentsOf: text.utf8)`, in one piece.
    @inlinable
    public mutating func append(text: String) {
        let isDone: Void? = unsafe text.utf8.withContiguousStorageIfAvailable { unsafe append(contentsOf: $0) }
        if isDone == nil { append(contentsOf: text.utf8) }
    }

    /// A number in decimal digits.
    public mutating func append(decimal number: UInt64) {
        if number > 9 { append(decimal: number / 10) }
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }
}

/// Eight bytes that are looked at together.
public struct EightBytes: Sendable {
    @usableFromInline let bits: UInt64

    @inlinable init(_ bits: UInt64) { self.bits = bits }

    /// The highest bit of each byte, and the lowest.
    @usableFromInline static var high: UInt64 { 0x8080_8080_8080_8080 }
    @usableFromInline static var low: UInt64 { 0x0101_0101_0101_0101 }

    /// Whether one of them is less than `limit`, which is at most 0x80.
    @inlinable
    public func hasByte(below limit: UInt8) -> Bool {
        (bits &- EightBytes.low &* UInt64(limit)) & ~bits & EightBytes.high != 0
    }

    @inlinable
    public func has(_ byte: UInt8) -> Bool { EightBytes(bits ^ EightBytes.low &* UInt64(byte)).hasByte(below: 1) }

    @inlinable
    public var isASCII: Bool { bits & EightBytes.high == 0 }
}

extension String {
    /// Whether `isWanted` says so of any eight bytes of the text; what is missing at the end is filled up with spaces.
    @inlinable
    public func hasEight(_ isWanted: (EightBytes) -> Bool) -> Bool {
        let utf8 = utf8
        let bytes = utf8.span
        var start = 0
        while start < bytes.count {
            var bits: UInt64 = 0
            if bytes.count - start >= 8 {
                bits = unsafe bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self)
            } else {
                bits = 0x2020_2020_2020_2020
                for index in start..<bytes.count { bits = bits << 8 | UInt64(bytes[index]) }
            }
            if isWanted(EightBytes(bits)) { return true }
            start += 8
        }
        return false
    }
}

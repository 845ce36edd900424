/// An IPv4 or IPv6 address as 128 bits; IPv4 is held as `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2).
public struct InternetAddress: Sendable, Equatable {
    public let high: UInt64
    public let low: UInt64

    private static let mapped: UInt64 = 0xffff << 32

    public var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The text forms of RFC 4291 section 2.2, strictly: no zone, no prefix length, no leading zeros in IPv4.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 45 else { return nil }
        if bytes.contains(UInt8(ascii: ":")) {
            self.init(version6: bytes)
        } else {
            guard let address = InternetAddress.version4(bytes[...]) else { return nil }
            self.init(high: 0, low: InternetAddress.mapped | UInt64(address))
        }
    }

    private static func version4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var value: UInt32 = 0
            for byte in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + UInt32(byte - UInt8(ascii: "0"))
            }
            guard value <= 255 else { return nil }
            address = address << 8 | value
        }
        return address
    }

    private init?(version6 bytes: [UInt8]) {
        guard let gap = InternetAddress.gap(in: bytes) else {
            guard let groups = InternetAddress.groups(bytes[...], lastMayBeVersion4: true), groups.count == 8 else {
                return nil
            }
            self.init(groups: groups)
            return
        }
        // "::" stands for at least one group, so no more than seven are written.
        guard let head = InternetAddress.groups(bytes[..<gap], lastMayBeVersion4: false),
            let tail = InternetAddress.groups(bytes[(gap + 2)...], lastMayBeVersion4: true),
            InternetAddress.gap(in: bytes, after: gap + 1) == nil, head.count + tail.count <= 7
        else { return nil }
        let zeros = [UInt16](repeating: 0, count: 8 - head.count - tail.count)
        self.init(groups: head + zeros + tail)
    }

    private static func gap(in bytes: [UInt8], after start: Int = 0) -> Int? {
        guard bytes.count >= start + 2 else { return nil }
        return (start..<(bytes.count - 1)).first {
            bytes[$0] == UInt8(ascii: ":") && bytes[$0 + 1] == UInt8(ascii: ":")
        }
    }

    private static func groups(_ bytes: ArraySlice<UInt8>, lastMayBeVersion4: Bool) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (position, part) in parts.enumerated() {
            if lastMayBeVersion4, position == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let address = version4(part) else { return nil }
                groups.append(UInt16(address >> 16))
                groups.append(UInt16(truncatingIfNeeded: address))
            } else {
                guard let group = group(part) else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }

    private static func group(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var value: UInt16 = 0
        for byte in digits {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    private init(groups: [UInt16]) {
        self.init(
            high: groups[..<4].reduce(0) { $0 << 16 | UInt64($1) },
            low: groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
    }

    /// The canonical text (RFC 5952): lower case, the longest run of zero groups as "::".
    public var text: String {
        if isIPv4 {
            return [24, 16, 8, 0].map { String(low >> $0 & 0xff) }.joined(separator: ".")
        }
        let groups =
            [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: high >> $0) }
            + [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: low >> $0) }
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > longest.count { longest = start..<end }
            start = max(end, start + 1)
        }
        let written = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard longest.count > 1 else { return written(groups[...]) }
        return written(groups[..<longest.lowerBound]) + "::" + written(groups[longest.upperBound...])
    }
}

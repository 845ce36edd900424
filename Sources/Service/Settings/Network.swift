import RateWindows

/// A network in CIDR form, "10.0.0.0/8" or "::1" (RFC 4632, RFC 4291 section 2.3).
public struct Network: Sendable, Equatable, CustomStringConvertible {
    public let description: String
    public let isIPv4: Bool
    /// Bits, 0 to 32 or 128.
    public let length: Int
    private let high: UInt64
    private let low: UInt64
    private let highMask: UInt64
    private let lowMask: UInt64

    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = InternetAddress(String(parts[0])) else { return nil }
        let width = address.isIPv4 ? 32 : 128
        var length = width
        if parts.count == 2 {
            guard let number = Int(parts[1]), (0...width).contains(number) else { return nil }
            length = number
        }
        // IPv4 is held as ::ffff:a.b.c.d, so its prefix begins behind 96 bits.
        let prefix = length + 128 - width
        description = text
        isIPv4 = address.isIPv4
        self.length = length
        highMask = Network.mask(min(prefix, 64))
        lowMask = Network.mask(max(prefix - 64, 0))
        high = address.high & highMask
        low = address.low & lowMask
    }

    /// The one text of this network: "10.0.0.0/8" for "10.1.2.3/8", an address alone without its length.
    public var canonical: String {
        let address = InternetAddress(high: high, low: low).text
        return length == (isIPv4 ? 32 : 128) ? address : "\(address)/\(length)"
    }

    /// Whether one of the two lies in the other.
    public func overlaps(_ other: Network) -> Bool {
        let (highMask, lowMask) = (highMask & other.highMask, lowMask & other.lowMask)
        return (high ^ other.high) & highMask == 0 && (low ^ other.low) & lowMask == 0
    }

    /// Whether the address lies in this network; a text that is no address lies in none.
    public func contains(_ text: String) -> Bool {
        InternetAddress(text).map(contains) ?? false
    }

    public func contains(_ address: InternetAddress) -> Bool {
        address.high & highMask == high && address.low & lowMask == low
    }

    private static func mask(_ bits: Int) -> UInt64 {
        bits == 0 ? 0 : UInt64.max << UInt64(64 - bits)
    }
}

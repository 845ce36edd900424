/// Whom a charge counts: an address, a network, a user, an e-mail.
///
/// Addresses and user ids stand in the table as they are, so that a sysadmin can be shown whom it counts; everything
/// else only as a fingerprint made with the table's own random key (`Table.email(_:)`, `.parameter(_:)`,
/// `.pair(_:_:)`, `.guess(email:password:storedHash:)`).
public struct Key: Sendable, Hashable {
    public enum Kind: UInt8, Sendable, Hashable, CaseIterable {
        /// An IPv4 address, or an IPv6 network of 64 bits.
        case address = 1
        /// An IPv6 network of 48 bits.
        case network = 2
        /// A user id, 128 bits.
        case user = 3
        /// The keyed fingerprint of an e-mail.
        case email = 4
        /// The keyed fingerprint of a named parameter's value.
        case parameter = 5
        /// The keyed fingerprint of two keys together: a user and a network.
        case pair = 6
        /// The keyed fingerprint of a wrong password at an e-mail.
        case guess = 7
    }

    public let kind: Kind
    public let high: UInt64
    public let low: UInt64

    init(kind: Kind, high: UInt64, low: UInt64) {
        self.kind = kind
        self.high = high
        self.low = low
    }

    /// A user id as its two halves, the first eight bytes of the UUID in `high`.
    public static func user(high: UInt64, low: UInt64) -> Key {
        Key(kind: .user, high: high, low: low)
    }

    /// IPv4 or IPv6 text as nginx writes REMOTE_ADDR. `::ffff:a.b.c.d` is the IPv4 address; IPv6 is cut to its /64.
    public init?(address text: String) {
        guard let address = InternetAddress(text) else { return nil }
        self.init(kind: .address, high: address.high, low: address.isIPv4 ? address.low : 0)
    }

    /// The /48 of an IPv6 address; `nil` for IPv4, which has no wider count.
    public init?(network text: String) {
        guard let address = InternetAddress(text), !address.isIPv4 else { return nil }
        self.init(kind: .network, high: address.high & ~0xffff, low: 0)
    }

    /// As a person writes it: "203.0.113.7", "2001:db8:1:2::/64", a UUID; a fingerprint as 32 hex digits.
    public var text: String {
        switch kind {
        case .address:
            let address = InternetAddress(high: high, low: low)
            return address.isIPv4 ? address.text : address.text + "/64"
        case .network: return InternetAddress(high: high, low: low).text + "/48"
        case .user: return uuidText
        case .email, .parameter, .pair, .guess: return hex(high) + hex(low)
        }
    }

    private var uuidText: String {
        let digits = Array(hex(high) + hex(low))
        let ends = [0, 8, 12, 16, 20, 32]
        return zip(ends, ends.dropFirst()).map { String(digits[$0..<$1]) }.joined(separator: "-")
    }

    private func hex(_ half: UInt64) -> String {
        let digits = String(half, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

import Cryptography

/// The algorithms of JWS (RFC 7518 section 3) that keys here have. Each key has exactly one.
public enum Algorithm: String, Sendable {
    case hs256 = "HS256"
}

/// One key that signs and verifies, with the life its key set gives it. The secret itself is only inside OpenSSL's
/// context; no description shows it.
public final class TokenKey: Sendable {
    public enum Origin: Sendable, Equatable { case rawSecret, keySet }

    /// The life of a key, our members of a JWK: seconds since 1970 (NumericDate of RFC 7519), `nil` where open.
    public struct Life: Sendable, Equatable {
        public var signsFrom: Int64?
        public var signsUntil: Int64?
        public var verifiesUntil: Int64?

        public init(signsFrom: Int64? = nil, signsUntil: Int64? = nil, verifiesUntil: Int64? = nil) {
            self.signsFrom = signsFrom
            self.signsUntil = signsUntil
            self.verifiesUntil = verifiesUntil
        }

        public func maySign(at wall: Int64) -> Bool {
            (signsFrom ?? .min) <= wall && wall < (signsUntil ?? .max) && mayVerify(at: wall)
        }

        public func mayVerify(at wall: Int64) -> Bool { wall < (verifiesUntil ?? .max) }
    }

    /// `kid`: the key set's, or the thumbprint.
    public let id: String
    /// RFC 7638, SHA-256, base64url: tells keys apart without showing them.
    public let thumbprint: String
    public let algorithm: Algorithm
    public let origin: Origin
    public let life: Life
    /// The secret is one of the publicly known ones; such a key is only ever loaded when the caller asked for it.
    public let isPubliclyKnown: Bool

    let mac: MAC
    /// The header of the tokens that this key signs, read and in base64url.
    let header: TokenHeader
    let encodedHeader: [UInt8]

    /// The shortest HS256 key in bytes (RFC 7518 section 3.2).
    public static let shortestSecret = 32

    /// - `id`: `nil` takes the thumbprint.
    public init(
        secret: SecretBytes, id: String? = nil, origin: Origin, life: Life = Life()
    ) throws(CryptographyError) {
        let print = try TokenKey.thumbprint(of: secret)
        self.id = id ?? print
        thumbprint = print
        algorithm = .hs256
        self.origin = origin
        self.life = life
        isPubliclyKnown = try PublicSecrets.contains(secret)
        mac = try MAC(key: secret, hash: .sha256)
        header = TokenHeader(issuedWith: algorithm, keyID: self.id)
        var text = Array(#"{"alg":"\#(algorithm.rawValue)","typ":"at+jwt","kid":"#.utf8)
        JSONText.appendQuoted(self.id, to: &text)
        text.append(UInt8(ascii: "}"))
        encodedHeader = Base64URL.encode(text.span)
    }

    /// Whether a text may be a `kid`: 1 to 64 of `A-Z a-z 0-9 _ . -`.
    public static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// RFC 7638 section 3 for `kty` oct: the members `k` and `kty` in that order.
    private static func thumbprint(of secret: SecretBytes) throws(CryptographyError) -> String {
        var text = Array(#"{"k":""#.utf8)
        secret.withBytes { Base64URL.append($0, to: &text) }
        text.append(contentsOf: #"","kty":"oct"}"#.utf8)
        defer { wipe(&text) }
        return Base64URL.string(try sha256(text))
    }
}

extension TokenKey {
    /// Whether a file that is read again says the same of this key.
    func isSame(as other: TokenKey) -> Bool {
        isSameSecret(as: other) && origin == other.origin && life == other.life
    }

    /// Whether tokens of the one verify with the other.
    func isSameSecret(as other: TokenKey) -> Bool { id == other.id && thumbprint == other.thumbprint }
}

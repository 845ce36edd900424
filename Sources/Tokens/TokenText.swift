import System

/// Header and payload of a token as text, for `postern token check`.
public struct TokenText: Sendable, Equatable {
    public let header: String
    /// The payload; base64url again where it is not UTF-8.
    public let payload: String
    public let keyID: String
    /// The key is one that everybody knows.
    public let isKeyPubliclyKnown: Bool

    /// Checks the JWS alone: form, header and signature. Type, claims and times are not looked at, and the payload
    /// need not be JSON.
    public static func checkingSignatureOnly(
        _ token: String, with ring: KeyRing, at moment: Moment
    ) throws(TokenRefusal) -> TokenText {
        let bytes = Array(token.utf8)
        let signed = try SignedToken(bytes, with: ring, at: moment)
        let header = Base64URL.decode(bytes.span.extracting(signed.encodedHeader)) ?? []
        return TokenText(
            header: String(decoding: header, as: UTF8.self),
            payload: String(validating: signed.payload, as: UTF8.self) ?? Base64URL.string(signed.payload),
            keyID: signed.key.id,
            isKeyPubliclyKnown: signed.key.isPubliclyKnown)
    }
}

import Cryptography

/// The text of a service token: `postern_` and 43 random characters of the base64url alphabet (RFC 4648 section 5),
/// 258 bits. It means nothing by itself; the prefix tells it from a JWT, and lets a scanner find one that leaked.
public enum ServiceTokenText {
    public static let prefix = "postern_"
    private static let length = 43
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// A new one; to be shown once and kept nowhere.
    public static func make() throws(CryptographyError) -> String {
        prefix + String(decoding: try randomBytes(length).map { alphabet[Int($0 & 63)] }, as: UTF8.self)
    }

    /// Whether a credential claims to be one; a JWT never begins so.
    public static func isOne(_ credential: String) -> Bool { credential.utf8.starts(with: prefix.utf8) }

    /// SHA-256 of the text, by which the store finds it. Nil for what `make` cannot have made: nobody need be asked.
    public static func hash(_ text: String) -> [UInt8]? {
        guard isOne(text), text.utf8.count == prefix.utf8.count + length,
            text.utf8.dropFirst(prefix.utf8.count).allSatisfy(alphabet.contains)
        else { return nil }
        return try? sha256(Array(text.utf8))
    }
}

import Cryptography
import System
import Tokens

/// A new secret, ready to be written.
enum NewKey {
    /// HS256 takes as many bytes as its hash has (RFC 7518 section 3.2).
    private static let secretBytes = 32

    /// A JWK Set with one HS256 key, as the key file holds it.
    static func keySet(id: String) throws -> [UInt8] {
        var secret = try randomBytes(secretBytes)
        defer { wipe(&secret) }
        var text = Array(#"{"keys":[{"kty":"oct","alg":"HS256","use":"sig","kid":"\#(id)","k":""#.utf8)
        Base64URL.append(secret.span, to: &text)
        text += Array("\"}]}\n".utf8)
        return text
    }

    /// 64 characters without a line end: what some programs would take for a part of the secret.
    static func rawSecret() throws -> [UInt8] {
        var secret = try randomBytes(48)
        defer { wipe(&secret) }
        return Base64URL.encode(secret.span)
    }

    /// The month and eight random digits, "2026-11-9f3c1a07": a `kid` names one secret for good, also when the file that
    /// held it is gone.
    ///
    /// - Parameter time: RFC 3339
    static func id(at time: String) throws -> String {
        let digits = try randomBytes(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "\(time.prefix(7))-\(digits.joined())"
    }

    /// Writes a secret in one step. Root gives it to the group of the service's user to read; anybody else keeps it.
    ///
    /// - Returns: mode and owner as they are now.
    static func write(_ secret: [UInt8], to path: String, group: String?) throws(SystemError) -> String {
        let isShared = SystemUser.current().isRoot && group != nil
        try Files.replace(path, with: secret, mode: isShared ? 0o640 : 0o600, group: isShared ? group : nil)
        return try FileStatus.of(path).permissions
    }
}

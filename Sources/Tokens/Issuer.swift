import Cryptography
import System

/// Makes access tokens (RFC 9068, with the user's e-mail and token version).
public struct Issuer: Sendable {
    /// Whom a token is for.
    public struct User: Sendable {
        public var id: String
        public var email: String
        public var version: Int64
        public var scopes: [String]

        public init(id: String, email: String, version: Int64, scopes: [String] = []) {
            self.id = id
            self.email = email
            self.version = version
            self.scopes = scopes
        }
    }

    public struct Token: Sendable {
        public let text: String
        /// `jti`: 128 random bits.
        public let id: String
        /// Seconds since 1970.
        public let expires: Int64
        /// Seconds from now: `expires_in` of RFC 6749 section 5.1.
        public let life: Int64
        public let keyID: String
    }

    public enum Failure: Error, Sendable, Equatable {
        /// No key may sign now.
        case noSigningKey
        case cryptography(CryptographyError)
    }

    public let issuer: String
    public let audience: String
    /// `[tokens] access_life`, in seconds.
    public let life: Int64

    public init(issuer: String, audience: String, life: Int64) {
        self.issuer = issuer
        self.audience = audience
        self.life = life
    }

    public func issue(to user: User, with ring: KeyRing, at moment: Moment) throws(Failure) -> Token {
        guard let key = ring.signer(at: moment) else { throw .noSigningKey }
        do throws(CryptographyError) {
            let id = Base64URL.string(try randomBytes(16))
            let expires = moment.wall + life
            let claims = claims(for: user, id: id, issued: moment.wall, expires: expires)
            var token = key.encodedHeader
            token.append(UInt8(ascii: "."))
            Base64URL.append(claims.span, to: &token)
            let signature = try key.mac.tag(of: token)
            token.append(UInt8(ascii: "."))
            Base64URL.append(signature.span, to: &token)
            return Token(
                text: String(decoding: token, as: UTF8.self), id: id, expires: expires, life: life, keyID: key.id)
        } catch {
            throw .cryptography(error)
        }
    }

    private func claims(for user: User, id: String, issued: Int64, expires: Int64) -> [UInt8] {
        var text = Array(#"{"iss":"#.utf8)
        JSONText.appendQuoted(issuer, to: &text)
        for (name, value) in [
            (#","sub":"#, user.id), (#","aud":"#, audience), (#","client_id":"#, user.id), (#","email":"#, user.email),
        ] {
            text.append(contentsOf: name.utf8)
            JSONText.appendQuoted(value, to: &text)
        }
        text.append(contentsOf: #","iat":\#(issued),"exp":\#(expires),"jti":"\#(id)","scope":"#.utf8)
        JSONText.appendQuoted(user.scopes.joined(separator: " "), to: &text)
        text.append(contentsOf: #","ver":\#(user.version)}"#.utf8)
        return text
    }
}

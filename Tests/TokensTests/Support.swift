import Cryptography
import Foundation
import System
import Testing

@testable import Tokens

/// Files of the folder `Vectors`, copied beside the tests.
enum Vectors {
    static func bytes(_ path: String) throws -> [UInt8] {
        let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Vectors")
        return Array(try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: try bytes(path), maximumDepth: 16)
    }
}

/// A key, a ring and a clock that stand still, and tokens made by hand.
enum Fixture {
    static let now = Moment(boot: 1_000_000_000_000, wall: 1_800_000_000)
    static let secret = "correct horse battery staple, 42 times a day"
    static let otherSecret = "an entirely different secret of enough bytes"
    static let issuer = "https://login.example.com"
    static let audience = "api.example.com"
    static let user = Issuer.User(
        id: "7c9e6679-7425-40de-944b-e07fc1f90ae7", email: "ann@example.com", version: 3, scopes: ["photos", "admin"])

    static func key(_ secret: String = secret, id: String? = nil, life: TokenKey.Life = .init()) throws -> TokenKey {
        try TokenKey(
            secret: SecretBytes(Array(secret.utf8)), id: id, origin: id == nil ? .rawSecret : .keySet, life: life)
    }

    static func ring(_ keys: TokenKey...) throws -> KeyRing {
        KeyRing(starting: keys.isEmpty ? [try key()] : keys)
    }

    static func verifier(leeway: Int64 = 10, migrationUntil: Int64? = nil) -> Verifier {
        Verifier(TokenPolicy(issuer: issuer, audience: audience, leeway: leeway, migrationUntil: migrationUntil))
    }

    static func issued(life: Int64 = 1_800, at moment: Moment = now) throws -> String {
        try Issuer(issuer: issuer, audience: audience, life: life).issue(to: user, with: try ring(), at: moment).text
    }

    static let header = #"{"alg":"HS256","typ":"at+jwt"}"#

    /// The claims of an access token, each as JSON text; `changes` replaces members, and `nil` drops them.
    static func claims(_ changes: [String: String?] = [:]) -> String {
        var members: [(String, String)] = [
            ("iss", #""https://login.example.com""#), ("sub", #""7c9e6679""#), ("aud", #""api.example.com""#),
            ("client_id", #""7c9e6679""#), ("email", #""ann@example.com""#), ("iat", "1800000000"),
            ("exp", "1800001800"), ("jti", #""AAAAAAAAAAAAAAAAAAAAAA""#), ("scope", #""photos""#), ("ver", "3"),
        ]
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            members.removeAll { $0.0 == name }
            if let value { members.append((name, value)) }
        }
        return "{" + members.map { #""\#($0.0)":\#($0.1)"# }.joined(separator: ",") + "}"
    }

    static func base64url(_ text: String) -> String { Base64URL.string(Array(text.utf8)) }

    /// Signs any header and payload, as a stranger's library would.
    static func sign(_ header: String, _ payload: String, secret: String = secret) throws -> String {
        try sign(encoded: base64url(header) + "." + base64url(payload), secret: secret)
    }

    static func sign(encoded: String, secret: String = secret) throws -> String {
        let mac = try MAC(key: SecretBytes(Array(secret.utf8)))
        return encoded + "." + Base64URL.string(try mac.tag(of: Array(encoded.utf8)))
    }

    /// Why the token is refused; `nil` when it is accepted.
    static func refusal(
        _ token: String, _ verifier: Verifier = verifier(), ring: KeyRing? = nil, at moment: Moment = now
    ) throws -> TokenRefusal? {
        let ring = try ring ?? Fixture.ring()
        do throws(TokenRefusal) {
            _ = try verifier.verify(token, with: ring, at: moment)
            return nil
        } catch {
            return error
        }
    }
}

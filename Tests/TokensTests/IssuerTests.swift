import Cryptography
import System
import Testing

@testable import Tokens

@Suite("The issuer")
struct IssuerTests {
    @Test("writes the header and claims of RFC 9068, with e-mail and version, in under 600 bytes")
    func shape() throws {
        let token = try Fixture.issued()
        #expect(token.utf8.count < 600)
        let parts = try token.split(separator: ".").map { part in
            try #require(Base64URL.decode(part))
        }
        let header = try JSONValue(parsing: parts[0])
        #expect(header["alg"]?.string == "HS256")
        #expect(header["typ"]?.string == "at+jwt")
        #expect(header["kid"]?.string == (try Fixture.key().thumbprint))
        let claims = try JSONValue(parsing: parts[1])
        #expect(claims["iss"]?.string == Fixture.issuer)
        #expect(claims["aud"]?.string == Fixture.audience)
        #expect(claims["sub"]?.string == Fixture.user.id)
        #expect(claims["client_id"]?.string == Fixture.user.id)
        #expect(claims["email"]?.string == "ann@example.com")
        #expect(claims["iat"]?.integer == 1_800_000_000)
        #expect(claims["exp"]?.integer == 1_800_001_800)
        #expect(claims["scope"]?.string == "photos admin")
        #expect(claims["ver"]?.integer == 3)
        let id = try #require(claims["jti"]?.string)
        #expect(Base64URL.decode(id)?.count == 16)
    }

    @Test("writes a header that reads as what the verifier takes it for unread")
    func header() throws {
        let key = try Fixture.key(id: "2026-11")
        let bytes = try #require(Base64URL.decode(String(decoding: key.encodedHeader, as: UTF8.self)))
        let read = try TokenHeader(bytes)
        #expect(read.algorithm == key.header.algorithm)
        #expect(read.type == key.header.type)
        #expect(read.keyID == key.header.keyID)
        #expect(read.keyID == "2026-11")
    }

    @Test("gives every token an identifier of its own")
    func identifiers() throws {
        let issuer = Issuer(issuer: Fixture.issuer, audience: Fixture.audience, life: 60)
        let ring = try Fixture.ring()
        let tokens = try (0..<200).map { _ in try issuer.issue(to: Fixture.user, with: ring, at: Fixture.now) }
        #expect(Set(tokens.map(\.id)).count == 200)
        #expect(tokens.allSatisfy { $0.life == 60 && $0.expires == Fixture.now.wall + 60 })
    }

    @Test(
        "writes any e-mail so that it is read back unchanged",
        arguments: [
            "o'neil+\"x\"@example.com", "\\@example.com", "ü@例え.jp", "a\u{1}\n\u{7f}b@example.com", "</script>@x",
        ])
    func escaping(email: String) throws {
        let user = Issuer.User(id: "1", email: email, version: 1)
        let token = try Issuer(issuer: Fixture.issuer, audience: Fixture.audience, life: 60)
            .issue(to: user, with: Fixture.ring(), at: Fixture.now)
        let claims = try Fixture.verifier().verify(token.text, with: Fixture.ring(), at: Fixture.now)
        #expect(claims.email.utf8.elementsEqual(email.utf8))
        #expect(claims.scopes.isEmpty)
    }

    @Test("says so when no key may sign")
    func noKey() throws {
        let ring = try Fixture.ring(Fixture.key(id: "later", life: .init(signsFrom: Fixture.now.wall + 1)))
        #expect(throws: Issuer.Failure.noSigningKey) {
            try Issuer(issuer: "x", audience: "y", life: 60).issue(to: Fixture.user, with: ring, at: Fixture.now)
        }
    }
}

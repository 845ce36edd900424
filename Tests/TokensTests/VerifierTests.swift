import System
import Testing

@testable import Tokens

@Suite("The verifier")
struct VerifierTests {
    @Test("accepts what the issuer makes, and tells whom it is for")
    func accepted() throws {
        let verifier = Fixture.verifier()
        let token = try Fixture.issued()
        let claims = try verifier.verify(token, with: Fixture.ring(), at: Fixture.now)
        #expect(claims.subject == .user(id: Fixture.user.id, email: "ann@example.com"))
        #expect(claims.version == 3)
        #expect(claims.scopes == ["photos", "admin"])
        #expect(claims.issued == Fixture.now.wall)
        #expect(claims.expires == Fixture.now.wall + 1_800)
        #expect(claims.tokenID?.utf8.count == 22)
        #expect(claims.keyID == (try Fixture.key().id))
        #expect(!claims.isMigration)
        #expect(verifier.migrationUses == 0)
    }

    @Test(
        "accepts a stranger's token that follows the rules",
        arguments: [
            #"{"alg":"HS256","typ":"at+jwt"}"#, #"{"typ":"AT+JWT","alg":"HS256"}"#,
            #"{"alg":"HS256","typ":"application/at+jwt"}"#, #"{"alg":"HS256","typ":"Application/At+Jwt"}"#,
            #" { "alg" : "HS256" , "typ" : "at\u002bjwt", "unknown": [1, {"x": null}] } "#,
            #"{"alg":"HS256","typ":"at+jwt","x5t":"abc","cty":"x"}"#,
        ])
    func headers(header: String) throws {
        #expect(try Fixture.refusal(Fixture.sign(header, Fixture.claims())) == nil)
    }

    @Test(
        "accepts claims in every allowed form",
        arguments: [
            ["aud": #"["other","api.example.com"]"#], ["aud": #"["api.example.com"]"#], ["nbf": "1800000000"],
            ["sub": nil], ["jti": nil], ["scope": nil], ["extra": #"{"deep":[1,2,{"x":"y"}]}"#], ["iat": "1800000010"],
            ["exp": "1799999991"], ["exp": "253402300799"], ["ver": "1"],
        ] as [[String: String?]])
    func claims(changes: [String: String?]) throws {
        #expect(try Fixture.refusal(Fixture.sign(Fixture.header, Fixture.claims(changes))) == nil)
    }

    /// Every refusal that a header or a claim can bring about, good signature and all.
    static let refusals: [(header: String, changes: [String: String?], reason: TokenRefusal)] = [
        (#"{"typ":"at+jwt"}"#, [:], .missingAlgorithm),
        (#"{"alg":"none","typ":"at+jwt"}"#, [:], .noAlgorithm),
        (#"{"alg":"None","typ":"at+jwt"}"#, [:], .noAlgorithm),
        (#"{"alg":"nOnE","typ":"at+jwt"}"#, [:], .noAlgorithm),
        (#"{"alg":"hs256","typ":"at+jwt"}"#, [:], .wrongAlgorithm),
        (#"{"alg":"HS384","typ":"at+jwt"}"#, [:], .wrongAlgorithm),
        (#"{"alg":"RS256","typ":"at+jwt"}"#, [:], .wrongAlgorithm),
        (#"{"alg":"","typ":"at+jwt"}"#, [:], .wrongAlgorithm),
        (#"{"alg":256,"typ":"at+jwt"}"#, [:], .badHeader),
        (#"{"alg":null,"typ":"at+jwt"}"#, [:], .badHeader),
        (#"{"alg":"HS256","typ":7}"#, [:], .badHeader),
        (#"{"alg":"HS256","typ":"at+jwt","kid":7}"#, [:], .badHeader),
        (#"["HS256"]"#, [:], .badHeader),
        (#"{"alg":"HS256","typ":"at+jwt"}x"#, [:], .badHeader),
        (#"{"alg":"HS256","typ":"at+jwt","x":[[[[[[[[1]]]]]]]]}"#, [:], .badHeader),
        (#"{"alg":"HS256"}"#, [:], .wrongType),
        (#"{"alg":"HS256","typ":"JWT"}"#, [:], .wrongType),
        (#"{"alg":"HS256","typ":"application/jwt"}"#, [:], .wrongType),
        (#"{"alg":"HS256","typ":"at+jwt "}"#, [:], .wrongType),
        (#"{"alg":"HS256","typ":"text/at+jwt"}"#, [:], .wrongType),
        (#"{"alg":"HS256","typ":"rt+jwt"}"#, [:], .wrongType),
        (#"{"alg":"HS256","typ":"at+jwt","crit":["exp"],"exp":1}"#, [:], .critical),
        (#"{"alg":"HS256","typ":"at+jwt","crit":[]}"#, [:], .critical),
        (#"{"alg":"HS256","typ":"at+jwt","crit":"b64"}"#, [:], .critical),
        (#"{"alg":"HS256","typ":"at+jwt","crit":["b64"],"b64":false}"#, [:], .critical),
        (#"{"alg":"HS256","typ":"at+jwt","b64":false}"#, [:], .unencodedPayload),
        (#"{"alg":"HS256","typ":"at+jwt","jwk":{"kty":"oct","k":"AAAA"}}"#, [:], .embeddedKey),
        (#"{"alg":"HS256","typ":"at+jwt","jku":"https://evil.example/k"}"#, [:], .embeddedKey),
        (#"{"alg":"HS256","typ":"at+jwt","x5u":"https://evil.example/k"}"#, [:], .embeddedKey),
        (#"{"alg":"HS256","typ":"at+jwt","x5c":["AAAA"]}"#, [:], .embeddedKey),
        (#"{"alg":"HS256","typ":"at+jwt","kid":""}"#, [:], .badKeyID),
        (#"{"alg":"HS256","typ":"at+jwt","kid":"../../dev/null"}"#, [:], .badKeyID),
        (#"{"alg":"HS256","typ":"at+jwt","kid":"x' OR '1'='1"}"#, [:], .badKeyID),
        (#"{"alg":"HS256","typ":"at+jwt","kid":"a\u0000b"}"#, [:], .badKeyID),
        (#"{"alg":"HS256","typ":"at+jwt","kid":"\#(String(repeating: "k", count: 65))"}"#, [:], .badKeyID),
        (#"{"alg":"HS256","typ":"at+jwt","kid":"2026-11"}"#, [:], .unknownKey),
        (#"{"alg":"HS256","typ":"at+jwt","alg":"HS256"}"#, [:], .repeatedName),
        (#"{"alg":"HS256","typ":"at+jwt","\u0061lg":"none"}"#, [:], .repeatedName),
        (Fixture.header, ["iss": nil], .missingIssuer),
        (Fixture.header, ["iss": #""https://login.example.org""#], .wrongIssuer),
        (Fixture.header, ["iss": #""https://login.example.com/""#], .wrongIssuer),
        (Fixture.header, ["iss": #""HTTPS://login.example.com""#], .wrongIssuer),
        (Fixture.header, ["iss": #"["https://login.example.com"]"#], .wrongIssuer),
        (Fixture.header, ["iss": "null"], .wrongIssuer),
        (Fixture.header, ["aud": nil], .missingAudience),
        (Fixture.header, ["aud": #""other""#], .wrongAudience),
        (Fixture.header, ["aud": "[]"], .wrongAudience),
        (Fixture.header, ["aud": #"["other"]"#], .wrongAudience),
        (Fixture.header, ["aud": #"["api.example.com",7]"#], .wrongAudience),
        (Fixture.header, ["aud": "7"], .wrongAudience),
        (Fixture.header, ["aud": #"{"api.example.com":1}"#], .wrongAudience),
        (Fixture.header, ["client_id": nil], .missingClientID),
        (Fixture.header, ["client_id": "7"], .badClientID),
        (Fixture.header, ["client_id": #""""#], .badClientID),
        (Fixture.header, ["email": nil], .missingEmail),
        (Fixture.header, ["email": "true"], .badEmail),
        (Fixture.header, ["email": #""""#], .badEmail),
        (Fixture.header, ["sub": "7"], .badSubject),
        (Fixture.header, ["sub": #""""#], .badSubject),
        (Fixture.header, ["exp": nil], .missingExpiry),
        (Fixture.header, ["exp": "1799999990"], .expired),
        (Fixture.header, ["exp": "1"], .expired),
        (Fixture.header, ["nbf": "1800000011"], .notYetValid),
        (Fixture.header, ["iat": nil], .missingIssueTime),
        (Fixture.header, ["iat": "1800000011"], .issuedInFuture),
        (Fixture.header, ["ver": nil], .missingVersion),
        (Fixture.header, ["ver": "0"], .badVersion),
        (Fixture.header, ["ver": "-1"], .badVersion),
        (Fixture.header, ["ver": #""3""#], .badVersion),
        (Fixture.header, ["ver": "3.0"], .badVersion),
        (Fixture.header, ["scope": #"["photos"]"#], .badScope),
        (Fixture.header, ["jti": "7"], .badTokenID),
        (Fixture.header, ["x": #"{"a":1,"a":2}"#], .repeatedName),
        (Fixture.header, ["x": "tru"], .badClaims),
        (Fixture.header, ["x": #""\ud800""#], .badClaims),
        (Fixture.header, ["x": "[[[[[[[[1]]]]]]]]"], .badClaims),
    ]

    @Test("refuses each fault with its own reason, though the signature is good", arguments: refusals.indices)
    func refused(index: Int) throws {
        let (header, changes, reason) = Self.refusals[index]
        #expect(try Fixture.refusal(Fixture.sign(header, Fixture.claims(changes))) == reason)
        // The good token is good afterwards.
        #expect(try Fixture.refusal(Fixture.sign(Fixture.header, Fixture.claims())) == nil)
    }

    @Test(
        "refuses absurd times of every kind", arguments: ["exp", "nbf", "iat"],
        [
            #""1800001800""#, "-1", "1800001800.0", "1800001800.5", "1.8e9", "1e400", "9007199254740993",
            "253402300800",
            "9223372036854775807", "9223372036854775808", "true", "null", "[1800001800]", "{}",
        ])
    func absurdTimes(claim: String, value: String) throws {
        let reasons: [String: TokenRefusal] = ["exp": .badExpiry, "nbf": .badNotBefore, "iat": .badIssueTime]
        let token = try Fixture.sign(Fixture.header, Fixture.claims([claim: value]))
        #expect(try Fixture.refusal(token) == reasons[claim])
    }

    @Test("refuses a claim that is no JSON for a number", arguments: ["NaN", "Infinity", "0x10", "01", "+1", "1_000"])
    func notNumbers(value: String) throws {
        #expect(try Fixture.refusal(Fixture.sign(Fixture.header, Fixture.claims(["exp": value]))) == .badClaims)
    }

    @Test("refuses repeated claims, whichever comes first")
    func repeatedClaims() throws {
        for claims in [#"{"exp":1800001800,"exp":1800001800,"#, #"{"email":"eve@example.com","#] {
            let payload = claims + Fixture.claims().dropFirst()
            #expect(try Fixture.refusal(Fixture.sign(Fixture.header, payload)) == .repeatedName)
        }
    }

    @Test("honours exp and nbf to the second, give or take the leeway", arguments: [Int64(0), 10, 60])
    func leeway(leeway: Int64) throws {
        let verifier = Fixture.verifier(leeway: leeway)
        let token = try Fixture.sign(Fixture.header, Fixture.claims(["nbf": "1800000100", "iat": "1800000100"]))
        let at = { (wall: Int64) throws in
            try Fixture.refusal(token, verifier, at: Moment(boot: Fixture.now.boot, wall: wall))
        }
        #expect(try at(1_800_000_100 - leeway - 1) == .notYetValid)
        #expect(try at(1_800_000_100 - leeway) == nil)
        #expect(try at(1_800_001_800 + leeway - 1) == nil)
        #expect(try at(1_800_001_800 + leeway) == .expired)
    }

    @Test("refuses every form that is not three segments of strict base64url")
    func forms() throws {
        let token = try Fixture.issued()
        let parts = token.split(separator: ".").map(String.init)
        let malformed = [
            "", ".", "..", "...", parts[0], parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".",
            ".\(parts[1]).\(parts[2])",
            "\(parts[0])..\(parts[2])", token + ".", "." + token, token + ".x", parts.joined(separator: ".."),
            "\(parts[0]).\(parts[1]).\(parts[2]).x.y", #"{"payload":"x","signature":"y"}"#, "not a token",
        ]
        for text in malformed { #expect(try Fixture.refusal(text) == .malformed, "\(text)") }
        let badEncodings = [
            token + "=", token + "\n", " " + token, token + " ", "\(parts[0])=.\(parts[1]).\(parts[2])",
            parts[0] + "." + parts[1] + "." + parts[2].dropLast() + "+",
            parts[0] + "." + parts[1] + "." + parts[2].dropLast() + "/",
            "é\(token)",
        ]
        for text in badEncodings { #expect(try Fixture.refusal(text) == .badBase64url, "\(text)") }
        // A payload that is signed but not base64url: seen only after the signature.
        let padded = try Fixture.sign(encoded: Fixture.base64url(Fixture.header) + "." + Fixture.base64url("{}a") + "=")
        #expect(try Fixture.refusal(padded) == .badBase64url)
        let payload = try Fixture.sign(Fixture.header, "not JSON")
        #expect(try Fixture.refusal(payload) == .badClaims)
    }

    @Test("refuses a token over 4 KiB, and takes one of exactly 4 KiB")
    func length() throws {
        var lengths: Set<Int> = []
        // Not every length can be had with one header: spaces behind it shift the others in.
        for spaces in 0..<4 {
            let header = Fixture.header + String(repeating: " ", count: spaces)
            for filling in 2_750..<2_850 {
                let text = "\"\(String(repeating: "x", count: filling))\""
                let token = try Fixture.sign(header, Fixture.claims(["x": text]))
                #expect(try Fixture.refusal(token) == (token.utf8.count > 4_096 ? .tooLong : nil))
                lengths.insert(token.utf8.count)
            }
        }
        #expect(lengths.contains(4_096) && lengths.contains(4_097))
        #expect(try Fixture.refusal(String(repeating: "a", count: 1_048_576)) == .tooLong)
    }

    @Test("refuses a token that differs in any one character, at every position")
    func everyCharacter() throws {
        let token = Array(try Fixture.issued().utf8)
        let verifier = Fixture.verifier()
        let ring = try Fixture.ring()
        var accepted: [Int] = []
        for position in token.indices {
            for byte in "AZaz09-_.=+ ".utf8 where byte != token[position] {
                var changed = token
                changed[position] = byte
                if (try? verifier.verify(String(decoding: changed, as: UTF8.self), with: ring, at: Fixture.now)) != nil
                {
                    accepted.append(position)
                }
            }
            for bit in 0..<8 {
                var changed = token
                changed[position] ^= 1 << UInt8(bit)
                if (try? verifier.verify(String(decoding: changed, as: UTF8.self), with: ring, at: Fixture.now)) != nil
                {
                    accepted.append(position)
                }
            }
            var shorter = token
            shorter.remove(at: position)
            if (try? verifier.verify(String(decoding: shorter, as: UTF8.self), with: ring, at: Fixture.now)) != nil {
                accepted.append(position)
            }
        }
        #expect(accepted.isEmpty)
        #expect((try? verifier.verify(String(decoding: token, as: UTF8.self), with: ring, at: Fixture.now)) != nil)
    }

    @Test("takes a token for its bytes: after the good one, a canonically equivalent text is refused")
    func canonicallyEquivalent() throws {
        let verifier = Fixture.verifier()
        let ring = try Fixture.ring()
        var token = try Fixture.issued()
        while !token.contains("K") { token = try Fixture.issued() }
        _ = try verifier.verify(token, with: ring, at: Fixture.now)
        let equivalent = token.replacing("K", with: "\u{212A}")
        #expect(equivalent == token)
        #expect(throws: TokenRefusal.self) { try verifier.verify(equivalent, with: ring, at: Fixture.now) }
    }

    @Test("looks at the times of a remembered token each time")
    func rememberedTimes() throws {
        let verifier = Fixture.verifier()
        let ring = try Fixture.ring()
        let token = try Fixture.issued()
        let claims = try verifier.verify(token, with: ring, at: Fixture.now)
        let late = Moment(boot: Fixture.now.boot, wall: claims.expires + 3600)
        #expect(throws: TokenRefusal.expired) { try verifier.verify(token, with: ring, at: late) }
        let early = Moment(boot: Fixture.now.boot, wall: Fixture.now.wall - 3600)
        #expect(throws: TokenRefusal.issuedInFuture) { try verifier.verify(token, with: ring, at: early) }
        #expect(try verifier.verify(token, with: ring, at: Fixture.now) === claims)
    }

    @Test("refuses a remembered token whose key is gone")
    func rememberedKeyGone() throws {
        let verifier = Fixture.verifier()
        let ring = try Fixture.ring()
        let token = try Fixture.issued()
        _ = try verifier.verify(token, with: ring, at: Fixture.now)
        let other = KeyRing(starting: [])
        #expect(throws: TokenRefusal.self) { try verifier.verify(token, with: other, at: Fixture.now) }
        #expect((try? verifier.verify(token, with: ring, at: Fixture.now)) != nil)
    }

    @Test("refuses signatures of another key, of nothing and of a cut tag")
    func signatures() throws {
        let claims = Fixture.claims()
        #expect(try Fixture.refusal(Fixture.sign(Fixture.header, claims, secret: Fixture.otherSecret)) == .badSignature)
        let token = try Fixture.sign(Fixture.header, claims)
        let signed = String(token[..<token.lastIndex(of: ".")!])
        for signature in [[UInt8](), [UInt8](repeating: 0, count: 32), [0], [UInt8](repeating: 0, count: 64)]
            as [[UInt8]]
        {
            let expected: TokenRefusal = signature.isEmpty ? .malformed : .badSignature
            #expect(try Fixture.refusal(signed + "." + Base64URL.string(signature)) == expected)
        }
        let tag = try #require(Base64URL.decode(token.dropFirst(signed.count + 1)))
        for length in 1..<32 {
            #expect(try Fixture.refusal(signed + "." + Base64URL.string(Array(tag.prefix(length)))) == .badSignature)
        }
        #expect(try Fixture.refusal(signed + "." + Base64URL.string(tag + [0])) == .badSignature)
    }

    @Test("finds the key by its kid alone, and tries every key for a token without one")
    func keys() throws {
        let one = try Fixture.key(id: "one")
        let two = try Fixture.key(Fixture.otherSecret, id: "two")
        let ring = try Fixture.ring(one, two)
        let header = { (id: String) in #"{"alg":"HS256","typ":"at+jwt","kid":"\#(id)"}"# }
        let claims = Fixture.claims()
        #expect(try Fixture.refusal(Fixture.sign(header("one"), claims), ring: ring) == nil)
        #expect(try Fixture.refusal(Fixture.sign(header("two"), claims), ring: ring) == .badSignature)
        #expect(try Fixture.refusal(Fixture.sign(header("three"), claims), ring: ring) == .unknownKey)
        #expect(try Fixture.refusal(Fixture.sign(header("One"), claims), ring: ring) == .unknownKey)
        let second = try Fixture.sign(header("two"), claims, secret: Fixture.otherSecret)
        #expect(try Fixture.refusal(second, ring: ring) == nil)
        for secret in [Fixture.secret, Fixture.otherSecret] {
            #expect(try Fixture.refusal(Fixture.sign(Fixture.header, claims, secret: secret), ring: ring) == nil)
        }
        let stranger = try Fixture.sign(Fixture.header, claims, secret: "a third secret that nobody here has known")
        #expect(try Fixture.refusal(stranger, ring: ring) == .badSignature)
    }

    @Test("has a test for every reason")
    func everyReason() {
        let elsewhere: Set<TokenRefusal> = [
            .tooLong, .malformed, .badBase64url, .badSignature, .badExpiry, .badNotBefore, .badIssueTime,
            // MigrationTests
            .contradictoryEmail,
            // OpenSSL out of memory: not brought about by a token.
            .unavailable,
        ]
        #expect(elsewhere.union(Self.refusals.map(\.reason)) == Set(TokenRefusal.allCases))
        #expect(Set(TokenRefusal.allCases.map(\.reason)).count == TokenRefusal.allCases.count)
    }
}

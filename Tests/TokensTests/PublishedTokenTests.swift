import Cryptography
import System
import Testing

@testable import Tokens

@Suite("Published tokens")
struct PublishedTokenTests {
    private func ring(jwk: String) throws -> KeyRing {
        let set = #"{"keys":[\#(jwk)]}"#
        return KeyRing(starting: try KeyFile.parse(Array(set.utf8), path: "keys", publicSecrets: .accept).keys)
    }

    private func refusal(_ token: String, _ ring: KeyRing) -> TokenRefusal? {
        do throws(TokenRefusal) {
            _ = try TokenText.checkingSignatureOnly(token, with: ring, at: Fixture.now)
            return nil
        } catch {
            return error
        }
    }

    @Test("RFC 7515 A.1, which is the first example of RFC 7519 too, verifies with its key")
    func appendixA1() throws {
        let token = try Vectors.text("latchset/rfc7515_A.1.jwsc")
        let ring = try ring(jwk: Vectors.text("latchset/rfc7515_A.1.jwk"))
        let text = try TokenText.checkingSignatureOnly(token, with: ring, at: Fixture.now)
        #expect(text.header == "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}")
        #expect(text.payload == "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}")
        #expect(text.isKeyPubliclyKnown)
        // As an access token it is refused, and its signature with another key too.
        #expect(try Fixture.refusal(token, ring: ring) == .wrongType)
        #expect(refusal(token, try Fixture.ring()) == .badSignature)
        #expect(refusal(String(token.dropLast()) + "A", ring) == .badSignature)
        // `k` and `l` differ in a bit that no byte uses.
        #expect(token.hasSuffix("k"))
        #expect(refusal(String(token.dropLast()) + "l", ring) == .badBase64url)
        #expect(refusal("f" + token.dropFirst(), ring) != nil)
    }

    @Test("RFC 7520 4.4 verifies with its key, though its payload is no JSON")
    func cookbook() throws {
        let example = try Vectors.json("cookbook/4_4.hmac-sha2_integrity_protection.json")
        let token = try #require(example["output"]?["compact"]?.string)
        let key = try #require(example["input"]?["key"]?["k"]?.string)
        let id = try #require(example["input"]?["key"]?["kid"]?.string)
        let ring = try ring(jwk: #"{"kty":"oct","kid":"\#(id)","use":"sig","alg":"HS256","k":"\#(key)"}"#)
        let text = try TokenText.checkingSignatureOnly(token, with: ring, at: Fixture.now)
        #expect(text.payload == example["input"]?["payload"]?.string)
        #expect(text.keyID == id)
    }

    @Test("without algorithm, detached, in JSON serialisation, or unencoded are refused")
    func refused() throws {
        let ring = try ring(jwk: Vectors.text("latchset/rfc7515_A.1.jwk"))
        #expect(refusal(try Vectors.text("latchset/rfc7515_A.5.jwsc"), ring) == .malformed)
        #expect(refusal(try Vectors.text("latchset/rfc7515_A.5.jwsc") + "AAAA", ring) == .noAlgorithm)
        for name in ["latchset/rfc7515_A.6.jwsg", "latchset/rfc7515_A.7.jwsf"] {
            let refusal = refusal(try Vectors.text(name), ring)
            #expect(refusal == .malformed || refusal == .badBase64url)
        }
        let detached = try Vectors.json("cookbook/4_5.signature_with_detached_content.json")
        #expect(refusal(try #require(detached["output"]?["compact"]?.string), ring) == .malformed)
        let several = try Vectors.json("cookbook/4_8.multiple_signatures.json")
        #expect(several["output"]?["compact"] == nil)
        // RFC 7797: once with a payload that holds a dot, once with one that does not.
        let dotted = try Vectors.json("cookbook/4.2.hmac-sha2_b64_false.json")
        let input = try #require(dotted["signing"]?["sig-input"]?.string)
        let signature = try #require(dotted["signing"]?["sig"]?.string)
        #expect(refusal("\(input).\(signature)", ring) == .malformed)
        let unencoded = try Vectors.json("cookbook/hmac-sha2_b64_false.json")
        #expect(refusal(try #require(unencoded["output"]?["compact"]?.string), ring) == .unencodedPayload)
    }

    @Test("RFC 7519 section 6.1, the unsecured JWT, is refused")
    func unsecured() throws {
        let header = Fixture.base64url(#"{"alg":"none"}"#)
        let payload = Fixture.base64url("{\"iss\":\"joe\",\r\n \"exp\":1300819380}")
        #expect(try Fixture.refusal("\(header).\(payload).") == .malformed)
        #expect(try Fixture.refusal("\(header).\(payload).AA") == .noAlgorithm)
        #expect(refusal("\(header).\(payload).AA", try Fixture.ring()) == .noAlgorithm)
    }

    @Test("RFC 7517 A.3: the signing key of the set is taken, the wrapping key left out with a note")
    func keySets() throws {
        let bytes = try Vectors.bytes("latchset/rfc7517_A.3.jwkset")
        // Its second kid holds spaces in the RFC; this copy has none.
        let file = try KeyFile.parse(bytes, path: "keys", publicSecrets: .accept)
        #expect(file.keys.map(\.id) == ["HMACkeyusedinJWSspecAppendixA.1example"])
        #expect(file.notes == ["key 1 is left out: its alg is not HS256"])
        for name in ["latchset/rfc7517_A.1.jwkset", "latchset/rfc7517_A.2.jwkset"] {
            #expect(throws: KeyFileError.self) { try KeyFile.parse(Vectors.bytes(name), path: "keys") }
        }
    }
}

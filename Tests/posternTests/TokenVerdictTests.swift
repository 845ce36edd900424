import Cryptography
import System
import Testing
import Tokens

@testable import Accounts
@testable import postern

@Suite("postern token check")
struct TokenVerdictTests {
    // RFC 7515 appendix A.1: its payload has line breaks, its claims no audience, and it expired in 2011.
    private static let token =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let key =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"

    private func examiner(_ verifier: Verifier?) throws -> TokenExaminer {
        let secret = SecretBytes(try #require(Base64URL.decode(TokenVerdictTests.key)))
        return TokenExaminer(
            ring: KeyRing(starting: [try TokenKey(secret: secret, origin: .keySet)]), verifier: verifier)
    }

    @Test("The signature alone: valid, and the payload on one line")
    func signatureOnly() throws {
        let verdict = try examiner(nil).verdict(on: Array(TokenVerdictTests.token.utf8), at: .now())
        #expect(verdict.line == #"valid {"iss":"joe",   "exp":1300819380,   "http://example.com/is_root":true}"#)
        #expect(verdict.isValid)
    }

    @Test("With its claims the same token is refused")
    func claims() throws {
        let verifier = Verifier(TokenPolicy(issuer: nil, audience: nil))
        let verdict = try examiner(verifier).verdict(on: Array(TokenVerdictTests.token.utf8), at: .now())
        #expect(verdict == .refused(.wrongType))
        #expect(verdict.json.text == #"{"valid":false,"reason":"wrong_typ"}"#)
    }

    @Test("A service token is told by its number, and by why it is refused")
    func service() throws {
        let token = ServiceToken(
            id: 7, userID: UserID(high: 1, low: 2), scopes: [], note: "", madeBy: "kim", createdAt: 0,
            expiresAt: 1000, revokedAt: nil, lastUsedAt: nil, lastUsedAddress: "")
        let good = TokenVerdict.service(ServiceTokenReport(token, user: nil, now: 999))
        let ended = TokenVerdict.service(ServiceTokenReport(token, user: nil, now: 1000))
        #expect(good.isValid && good.line.hasPrefix(#"valid {"id":7,"#))
        #expect(good.json.text.hasPrefix(#"{"valid":true,"service_token":{"id":7,"#))
        #expect(!ended.isValid && ended.line.hasPrefix(#"refused expired {"id":7,"#))
        #expect(ended.json.text.hasPrefix(#"{"valid":false,"reason":"expired","service_token":{"id":7,"#))
        let unknown = TokenVerdict.service(nil)
        #expect(!unknown.isValid && unknown.line == "refused unknown_service_token")
        #expect(unknown.json.text == #"{"valid":false,"reason":"unknown_service_token"}"#)
    }

    @Test("Bytes that are no text are refused", arguments: [[], [0xFF, 0x2E, 0xFE], Array("a.b.c".utf8)])
    func garbage(token: [UInt8]) throws {
        #expect(try examiner(nil).verdict(on: token, at: .now()).line.hasPrefix("refused "))
    }
}

import System
import Testing

@testable import Accounts
@testable import Service
@testable import postern

@Suite("postern check on service tokens")
struct TokensLookTests {
    private static let now: Int64 = 1_795_370_400
    private static let day: Int64 = 86_400
    private let anna = UserID(high: 1, low: 2)

    private func token(_ id: UInt64, endsIn days: Int64?, note: String = "") -> ServiceToken {
        ServiceToken(
            id: id, userID: anna, scopes: [], note: note, madeBy: "kim", createdAt: 0,
            expiresAt: days.map { TokensLookTests.now + $0 * TokensLookTests.day }, revokedAt: nil, lastUsedAt: nil,
            lastUsedAddress: "")
    }

    private func finding(_ tokens: [ServiceToken]) throws -> Finding? {
        TokensLook.finding(tokens, [anna: try EmailAddress("anna@example.test")], now: TokensLookTests.now)
    }

    @Test("Those that end within two weeks are a warning, the next end first")
    func ending() throws {
        let found = try finding([token(1, endsIn: 13), token(2, endsIn: 14), token(3, endsIn: 2, note: "nightly")])
        let ends = [2, 13].map { Timestamp.text(TokensLookTests.now + $0 * TokensLookTests.day) }
        #expect(
            found
                == .warn(
                    "tokens",
                    "service tokens end within 14 days: 3 of anna@example.test (nightly) at \(ends[0]), "
                        + "1 of anna@example.test at \(ends[1])",
                    cure: "postern token issue a new one, then postern token revoke 3"))
    }

    @Test("Later ends, none and no tokens are nothing to tell")
    func nothing() throws {
        #expect(try finding([]) == nil)
        #expect(try finding([token(1, endsIn: nil), token(2, endsIn: 14), token(3, endsIn: 365)]) == nil)
    }

    @Test("Of many only the next five are named, and whoever is unknown by the id")
    func many() throws {
        let found = TokensLook.finding((1...7).map { token($0, endsIn: Int64($0)) }, [:], now: TokensLookTests.now)
        let detail = try #require(found).detail
        #expect(detail.contains("1 of \(anna) at ") && detail.contains(", 5 of ") && detail.hasSuffix(" and 2 more"))
        #expect(!detail.contains("6 of "))
    }
}

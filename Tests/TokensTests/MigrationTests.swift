import System
import Testing

@testable import Tokens

@Suite("Tokens of the Python service")
struct MigrationTests {
    private static let byEmail = #"{"sub":"ann@example.com","exp":1800001800}"#
    private static let byID = #"{"client_id":"7c9e6679","email":"ann@example.com","exp":1800001800}"#
    private static let jwt = #"{"alg":"HS256","typ":"JWT"}"#
    private static let untyped = #"{"alg":"HS256"}"#

    @Test("are refused without the setting, and once its date has come", arguments: [byEmail, byID])
    func withoutSetting(claims: String) throws {
        for header in [Self.jwt, Self.untyped] {
            let token = try Fixture.sign(header, claims)
            #expect(try Fixture.refusal(token) == .wrongType)
            #expect(try Fixture.refusal(token, Fixture.verifier(migrationUntil: Fixture.now.wall)) == .wrongType)
            #expect(try Fixture.refusal(token, Fixture.verifier(migrationUntil: Fixture.now.wall + 1)) == nil)
        }
    }

    @Test("are accepted in both shapes with the setting, and each use is counted")
    func accepted() throws {
        let verifier = Fixture.verifier(migrationUntil: Fixture.now.wall + 1_000)
        let ring = try Fixture.ring()
        let first = try verifier.verify(Fixture.sign(Self.jwt, Self.byEmail), with: ring, at: Fixture.now)
        #expect(first.subject == .email("ann@example.com"))
        #expect(first.version == 1)
        #expect(first.isMigration)
        #expect(first.issued == nil)
        let second = try verifier.verify(Fixture.sign(Self.untyped, Self.byID), with: ring, at: Fixture.now)
        #expect(second.subject == .user(id: "7c9e6679", email: "ann@example.com"))
        #expect(verifier.migrationUses == 2)
        _ = try? verifier.verify(Fixture.sign(Self.untyped, "{}"), with: ring, at: Fixture.now)
        _ = try verifier.verify(Fixture.issued(), with: ring, at: Fixture.now)
        #expect(verifier.migrationUses == 2)
    }

    @Test(
        "are still checked for everything that they hold",
        arguments: [
            (#"{"sub":"ann@example.com"}"#, TokenRefusal.missingExpiry),
            (#"{"sub":"ann@example.com","exp":1799990000}"#, .expired),
            (#"{"sub":"ann@example.com","exp":"1800001800"}"#, .badExpiry),
            (#"{"sub":"ann@example.com","exp":1800001800,"nbf":1800000900}"#, .notYetValid),
            (#"{"sub":"ann@example.com","exp":1800001800,"iat":1800000900}"#, .issuedInFuture),
            (#"{"sub":"ann@example.com","exp":1800001800,"iss":"https://evil.example"}"#, .wrongIssuer),
            (#"{"sub":"ann@example.com","exp":1800001800,"aud":"other"}"#, .wrongAudience),
            (#"{"sub":"ann@example.com","exp":1800001800,"ver":0}"#, .badVersion),
            (#"{"sub":"ann@example.com","email":"eve@example.com","exp":1800001800}"#, .contradictoryEmail),
            (
                #"{"sub":"ann@example.com","client_id":"7","email":"eve@example.com","exp":1800001800}"#,
                .contradictoryEmail
            ),
            (#"{"sub":"ann","exp":1800001800}"#, .missingClientID),
            (#"{"sub":"ann","email":"ann@example.com","exp":1800001800}"#, .missingClientID),
            (#"{"exp":1800001800}"#, .missingClientID),
            (#"{"client_id":"7c9e6679","exp":1800001800}"#, .missingEmail),
            (#"{"client_id":7,"email":"ann@example.com","exp":1800001800}"#, .badClientID),
            (#"{"client_id":"","email":"ann@example.com","exp":1800001800}"#, .badClientID),
            (#"{"sub":"","client_id":"7","email":"ann@example.com","exp":1800001800}"#, .badSubject),
        ])
    func checked(claims: String, reason: TokenRefusal) throws {
        let verifier = Fixture.verifier(migrationUntil: Fixture.now.wall + 1_000)
        #expect(try Fixture.refusal(Fixture.sign(Self.jwt, claims), verifier) == reason)
        #expect(verifier.migrationUses == 0)
    }

    @Test("may hold more than they must")
    func present() throws {
        let verifier = Fixture.verifier(migrationUntil: Fixture.now.wall + 1_000)
        let claims = try verifier.verify(
            Fixture.sign(
                Self.jwt,
                #"{"sub":"ann@example.com","client_id":"7","exp":1800001800,"iat":1800000000,"ver":4,"aud":"api.example.com"}"#
            ),
            with: Fixture.ring(), at: Fixture.now)
        #expect(claims.subject == .user(id: "7", email: "ann@example.com"))
        #expect(claims.version == 4)
        #expect(claims.issued == 1_800_000_000)
    }

    @Test("with a kid, or of another type, are no such tokens")
    func notMigrated() throws {
        let verifier = Fixture.verifier(migrationUntil: Fixture.now.wall + 1_000)
        let ring = try Fixture.ring(Fixture.key(id: "one"))
        let named = try Fixture.sign(#"{"alg":"HS256","typ":"JWT","kid":"one"}"#, Self.byEmail)
        #expect(try Fixture.refusal(named, verifier, ring: ring) == .wrongType)
        let other = try Fixture.sign(#"{"alg":"HS256","typ":"rt+jwt"}"#, Self.byEmail)
        #expect(try Fixture.refusal(other, verifier) == .wrongType)
        // An access token has to be whole, migration or not.
        let access = try Fixture.sign(Fixture.header, Self.byEmail)
        #expect(try Fixture.refusal(access, verifier) == .missingIssuer)
        #expect(try Fixture.refusal(Fixture.sign(#"{"alg":"none"}"#, Self.byEmail), verifier) == .noAlgorithm)
    }
}

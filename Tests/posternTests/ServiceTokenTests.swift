import System
import Testing

@testable import Accounts
@testable import Service
@testable import postern

@Suite("postern token issue, list, revoke")
struct ServiceTokenTests {
    private static let now: Int64 = 1_795_370_400

    private func user(isActive: Bool = true, scopes: [String] = ["backup", "read"]) throws -> User {
        User(
            id: UserID(high: 1, low: 2), email: try EmailAddress("anna@example.test"), name: "Anna", isActive: isActive,
            scopes: scopes, groups: [], tokenVersion: 1, createdAt: 0, updatedAt: 0)
    }

    private func token(
        scopes: [String] = ["backup"], expiresAt: Int64? = nil, revokedAt: Int64? = nil, lastUsedAt: Int64? = nil
    ) -> ServiceToken {
        ServiceToken(
            id: 7, userID: UserID(high: 1, low: 2), scopes: scopes, note: "nightly", madeBy: "kim",
            createdAt: ServiceTokenTests.now - 60, expiresAt: expiresAt, revokedAt: revokedAt, lastUsedAt: lastUsedAt,
            lastUsedAddress: lastUsedAt == nil ? "" : "203.0.113.7")
    }

    private func report(_ token: ServiceToken, _ user: User?) -> ServiceTokenReport {
        ServiceTokenReport(token, user: user, now: ServiceTokenTests.now)
    }

    @Test("A token that could never pass is not issued, and the refusal names the cure")
    func refused() throws {
        let disabled = try #require(throws: Failure.self) { try TokenIssue.check(try user(isActive: false), []) }
        #expect(disabled.text.contains("Cure: postern user enable anna@example.test"))
        for scope in ["admin", "Backup", "back", "backup read", ""] {
            let failure = try #require(throws: Failure.self) { try TokenIssue.check(try user(), ["read", scope]) }
            #expect(failure.text.contains("(it has backup read)"))
            #expect(failure.text.hasSuffix("Cure: postern user scope add anna@example.test \(scope)"))
        }
        let none = try #require(throws: Failure.self) { try TokenIssue.check(try user(scopes: []), ["read"]) }
        #expect(none.text.contains("(it has none)"))
        // The Kelvin sign is K to Swift's own comparison, and another scope to a check.
        let kelvin = try #require(throws: Failure.self) { try TokenIssue.check(try user(scopes: ["K"]), ["\u{212a}"]) }
        #expect(kelvin.status == ExitStatus.failed)
        try TokenIssue.check(try user(), ["read", "backup"])
        try TokenIssue.check(try user(scopes: []), [])
    }

    @Test(
        "Days and numbers that cannot be are unusable",
        arguments: [
            ["issue"], ["issue", "--user", "a@b.example", "--days", "0"],
            ["issue", "--user", "a@b.example", "--days", "3651"], ["issue", "--user", "a@b.example", "--days", "soon"],
            ["issue", "--user", "a@b.example", "--days", "1", "--no-end"], ["revoke"], ["revoke", "-1"],
            ["revoke", "7", "eight"], ["issue", "--user", "a@b.example", "postern_x"],
        ])
    func unusable(words: [String]) {
        #expect(Program.run(["token"] + words + ["--config", "/no/such.toml"]) == ExitStatus.unusable)
    }

    @Test("A list shows what is left of a token, who made it and its last use")
    func row() throws {
        let day: Int64 = 86_400
        let anna = try user()
        let used = report(
            token(expiresAt: ServiceTokenTests.now + 30 * day, lastUsedAt: ServiceTokenTests.now - 60), anna)
        #expect(
            used.row == [
                "7", "anna@example.test", "backup", "30 days left", Timestamp.text(ServiceTokenTests.now - 60),
                "203.0.113.7", "kim", "nightly",
            ])
        #expect(ServiceTokenReport.heading.count == used.row.count)
        #expect(report(token(), anna).row[3...5] == ["no end", "never", ""])
        #expect(report(token(), try user(isActive: false)).row[3] == "user disabled")
        #expect(report(token(expiresAt: ServiceTokenTests.now), anna).row[3] == "expired")
        #expect(report(token(revokedAt: ServiceTokenTests.now - 1), try user(isActive: false)).row[3] == "revoked")
    }

    @Test("Scopes that the user has lost stand in parentheses, and are not in force")
    func lostScopes() throws {
        let report = report(token(scopes: ["admin", "read", "x", "backup"]), try user())
        #expect(report.row[2] == "read backup (admin x)")
        #expect(
            report.json().text.contains(#""scopes":["admin","read","x","backup"],"scopes_in_force":["read","backup"]"#))
        #expect(self.report(token(scopes: ["admin"]), try user()).row[2] == "(admin)")
        #expect(self.report(token(scopes: []), try user()).row[2] == "")
    }

    @Test("JSON holds the token only where it is asked for, and says what a worker would")
    func json() throws {
        let anna = try user()
        #expect(!report(token(), anna).json().text.contains("\"token\""))
        #expect(report(token(), anna).json(secret: "postern_x").text.hasPrefix(#"{"id":7,"token":"postern_x","user":"#))
        let states = [
            (token(), anna, "active"), (token(expiresAt: ServiceTokenTests.now), anna, "expired"),
            (token(revokedAt: ServiceTokenTests.now), anna, "revoked"),
            (token(), try user(isActive: false), "inactive_user"),
        ]
        for (token, user, word) in states {
            #expect(report(token, user).json().text.contains("\"state\":\"\(word)\""))
        }
        let text = report(token(), anna).json().text
        #expect(text.contains(#""expires_at":null,"revoked_at":null,"last_used_at":null,"last_used_address":null"#))
    }

    @Test("What is said of an issued and of a revoked token names its number, and never its text")
    func words() throws {
        let end = ServiceTokenTests.now + 86_400
        #expect(
            report(token(expiresAt: end), try user()).issued == "service token 7 of anna@example.test, scopes backup, "
                + "until \(Timestamp.text(end)). It is shown this once. To end it: postern token revoke 7")
        #expect(report(token(scopes: []), try user()).issued.contains(", no scopes, without an end."))
        let revoked = report(token(revokedAt: end), try user())
        #expect(revoked.revoked(isNew: true) == "service token 7 of anna@example.test: revoked")
        #expect(revoked.revoked(isNew: false).hasSuffix(": revoked before, at \(Timestamp.text(end))"))
    }
}

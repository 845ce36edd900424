import Testing

@testable import Accounts
@testable import Service
@testable import Tokens

@Suite("How a user proved who they are")
struct ProofTests {
    private func anna(_ scopes: String...) throws -> User {
        User(
            id: UserID(high: 1, low: 2), email: try EmailAddress("anna@example.org"), name: "Anna", isActive: true,
            scopes: scopes, groups: [], tokenVersion: 1, createdAt: 0, updatedAt: 0)
    }

    private func token(_ scope: String, issued: Int64? = 7) -> Proof {
        .accessToken(
            Claims(
                subject: .email("anna@example.org"), version: 1, expires: 9, issued: issued, scope: scope, keyID: "k",
                isMigration: false))
    }

    @Test(
        "A token gives its own scopes, less those that the user has lost, and never one more",
        arguments: [
            ("read write", ["read", "write"]), ("write read", ["write", "read"]), ("read", ["read"]), ("", []),
            ("admin read", ["read"]), ("read admin", ["read"]), ("read writ", ["read"]),
            ("read write ", ["read", "write"]),
            ("read  write", ["read", "write"]), ("readwrite", []), ("READ", []),
            ("read write admin", ["read", "write"]),
        ])
    func tokens(scope: String, expected: [String]) throws {
        let anna = try anna("read", "write")
        #expect(token(scope).scopes(of: anna) == expected)
        let words = scope.split(separator: " ").map(String.init)
        #expect(Proof.serviceToken(ServiceTokenProof(id: "1", scopes: words)).scopes(of: anna) == expected)
    }

    @Test("A user without scopes has none with any proof, and a password gives all that there are")
    func extremes() throws {
        #expect(try token("read").scopes(of: anna()).isEmpty)
        #expect(try token("").scopes(of: anna()).isEmpty)
        #expect(try Proof.password(since: 0).scopes(of: anna("a", "b")) == ["a", "b"])
    }

    @Test("Two spellings that Unicode calls equivalent are two scopes")
    func bytes() throws {
        #expect(try token("caf\u{e9}").scopes(of: anna("cafe\u{301}")).isEmpty)
        #expect(try token("k").scopes(of: anna("\u{212a}")).isEmpty)
    }

    @Test("Only a login has a time")
    func times() {
        #expect(token("").authenticatedAt == 7)
        #expect(token("", issued: nil).authenticatedAt == nil)
        #expect(Proof.password(since: 5).authenticatedAt == 5)
        #expect(Proof.serviceToken(ServiceTokenProof(id: "1", scopes: [])).authenticatedAt == nil)
    }
}

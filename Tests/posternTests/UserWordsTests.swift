import Testing

@testable import Accounts
@testable import postern

@Suite("postern user group and scope")
struct UserWordsTests {
    private func line(
        _ kind: WordKind, now: [String], names: [String], changed: [String], isAdding: Bool = true
    ) throws -> String {
        let user = User(
            id: UserID(high: 1, low: 2), email: try EmailAddress("anna@example.test"), name: "Anna", isActive: true,
            scopes: kind == .scopes ? now : ["other"], groups: kind == .groups ? now : ["other"], tokenVersion: 1,
            createdAt: 0, updatedAt: 0)
        return UserWordsText(
            kind, of: user, done: isAdding ? "added" : "removed", idle: isAdding ? "already there" : "not there",
            names: names, changed: changed
        ).line
    }

    @Test("One line says what changed, what did not, and what there is now")
    func lines() throws {
        #expect(
            try line(.groups, now: ["staff", "ops"], names: ["ops", "staff"], changed: ["ops"])
                == "anna@example.test: added ops; already there: staff; groups now: staff ops")
        #expect(
            try line(.scopes, now: [], names: ["read"], changed: ["read"], isAdding: false)
                == "anna@example.test: removed read; scopes now: none")
        #expect(
            try line(.scopes, now: ["write"], names: ["read"], changed: [], isAdding: false)
                == "anna@example.test: not there: read; scopes now: write")
    }

    @Test(
        "A user and a name are asked for",
        arguments: [
            ["group"], ["scope"], ["group", "add"], ["scope", "remove", "anna@example.test"],
            ["group", "list", "a", "b"],
        ])
    func unusable(words: [String]) {
        #expect(Program.run(["user"] + words) == ExitStatus.unusable)
    }
}

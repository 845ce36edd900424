import Accounts
import Service
import Testing
import Tokens

@testable import postern

@Suite("New keys and passwords")
struct NewSecretTests {
    @Test("A new key set is one that the worker takes", arguments: ["2026-11", "2026-11-22.2"])
    func keySet(id: String) throws {
        let file = try KeyFile.parse(try NewKey.keySet(id: id), path: "/k")
        #expect(file.keys.map(\.id) == [id])
        #expect(file.notes.isEmpty)
    }

    @Test("A raw secret has 64 characters and is one that the worker takes")
    func rawSecret() throws {
        let secret = try NewKey.rawSecret()
        #expect(secret.count == 64)
        #expect(try KeyFile.parse(secret, path: "/k").keys[0].origin == .rawSecret)
        #expect(try NewKey.rawSecret() != secret)
    }

    @Test("A key's name begins with the month and never comes twice")
    func keyNames() throws {
        let names = try (0..<100).map { _ in try NewKey.id(at: "2026-11-22T10:00:00Z") }
        #expect(names.allSatisfy { $0.hasPrefix("2026-11-") && $0.utf8.count == 16 && TokenKey.isID($0) })
        #expect(Set(names).count == 100)
    }

    @Test("A made password keeps every policy that the settings allow", arguments: [8, 15, 64])
    func passwords(minimum: Int) throws {
        let password = try NewPassword.generate(minimumLength: minimum)
        try PasswordPolicy(minimumLength: minimum).check(password)
        #expect(password.utf8.count >= 23)
        #expect(try NewPassword.generate(minimumLength: minimum) != password)
    }
}

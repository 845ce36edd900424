import System
import Testing

@testable import postern

@Suite("Before anything is set up")
struct FirstStepsTests {
    /// Runs a command with a settings file of that text; its failure.
    private func failure(_ text: String, _ run: (_ path: String) throws -> Void) throws -> String {
        let path = "/dev/shm/postern-tests-\(UInt64.random(in: 0...UInt64.max)).toml"
        try Files.replace(path, with: Array(text.utf8), mode: 0o600)
        defer { try? Files.remove(path) }
        return try #require(#expect(throws: Failure.self) { try run(path) }).text
    }

    @Test("Settings without an issuer send to postern setup", arguments: ["", "[site]\nissuer = \"\"\n"])
    func issuer(text: String) throws {
        let failure = try failure(text) { _ = try Rights.settings($0) }
        #expect(failure.contains("site.issuer"))
        #expect(failure.contains("Cure: correct it there, or postern setup"))
    }

    @Test("key generate says how to make a key without settings", arguments: ["[site]\nissuer = \"\"\n", "[sit]\n"])
    func key(text: String) throws {
        let failure = try failure(text) { path in
            let command = try KeyGenerate.parse(["--config", path])
            try command.run()
        }
        #expect(failure.hasSuffix(". Without settings: postern key generate --file FILE"))
    }

    @Test("key generate --file needs no settings, and replaces no key by mistake")
    func file() throws {
        let path = "/dev/shm/postern-tests-\(UInt64.random(in: 0...UInt64.max)).jwks"
        defer { try? Files.remove(path) }
        let words = ["key", "generate", "--file", path, "--config", "/dev/shm/no/such.toml"]
        #expect(Program.run(words) == ExitStatus.done)
        #expect(try FileStatus.of(path).mode & 0o037 == 0)
        #expect(Program.run(words) == ExitStatus.failed)
    }
}

import Testing

@testable import postern

@Suite("Arguments")
struct ProgramTests {
    @Test(
        "Unusable arguments are told apart before anything is read",
        arguments: [
            ["dance"], ["user", "add"], ["user", "list", "--dance"], ["config", "-a", "-d"],
            ["user", "add", "--email", "a@b.example", "--name", "A", "--generate", "--password-stdin"],
            ["setup", "--non-interactive", "--email", "a@b.example"], ["token", "check", "eyJ.a.b"], [], ["user"],
        ])
    func unusable(words: [String]) { #expect(Program.run(words) == ExitStatus.unusable) }

    @Test("Help and version succeed", arguments: [["--help"], ["--version"], ["client", "list", "--help"]])
    func help(words: [String]) { #expect(Program.run(words) == ExitStatus.done) }
}

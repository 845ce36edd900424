import Service
import Testing

@testable import posternd

@Suite("The arguments of posternd")
struct ArgumentsTests {
    @Test("Without arguments it serves, with the settings of the package")
    func none() throws {
        let arguments = try Arguments([])
        #expect(arguments.action == .serve)
        #expect(arguments.settingsPath == SettingsFile.standardPath)
    }

    @Test(
        "Each flag asks for one thing",
        arguments: [
            ("--check", Arguments.Action.check), ("--version", .version), ("--help", .help), ("-h", .help),
        ])
    func actions(word: String, action: Arguments.Action) throws {
        #expect(try Arguments([word]).action == action)
    }

    @Test("The settings file is named as one word or as two, before or behind a flag")
    func settingsFile() throws {
        for words in [
            ["--config", "/x/postern.toml", "--check"], ["--config=/x/postern.toml", "--check"],
            ["--check", "--config", "/x/postern.toml"],
        ] {
            let arguments = try Arguments(words)
            #expect(arguments.settingsPath == "/x/postern.toml", "\(words)")
            #expect(arguments.action == .check, "\(words)")
        }
    }

    @Test("A path may hold an equals sign, and may begin like a flag")
    func oddPaths() throws {
        #expect(try Arguments(["--config=a=b"]).settingsPath == "a=b")
        #expect(try Arguments(["--config", "--check"]) == Arguments(["--config=--check"]))
    }

    @Test("--config without a file says so")
    func missingFile() {
        #expect(throws: Arguments.Fault(reason: "--config needs a file")) { try Arguments(["--config"]) }
    }

    @Test("What is not known is refused and named", arguments: ["--chek", "serve", "", "-c", "--configure=x"])
    func unknown(word: String) {
        #expect(throws: Arguments.Fault(reason: "unknown argument \"\(word)\"")) { try Arguments(["--check", word]) }
    }

    @Test("The usage names every flag")
    func usage() {
        for flag in ["--config", "--check", "--version"] { #expect(Arguments.usage.contains(flag)) }
    }
}

import ArgumentParser
import Service

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Is everything in order? What is wrong, where, and the cure.",
        discussion: "Run by root it looks with the eyes of the service's user. Exit status 1 when something fails.")

    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let findings = findings()
        if output.isJSON {
            let isGood = JSON.flag(findings.count(.fail) == 0)
            try Report.line(JSON.object([("ok", isGood), ("findings", .list(findings.map(\.json)))]).text)
        } else {
            try Report.text(findings.map(\.text).joined() + findings.summary + "\n")
        }
        if findings.count(.fail) > 0 { throw ExitCode(ExitStatus.failed) }
    }

    private func findings() -> [Finding] {
        let settings: Settings
        let files: String
        do {
            settings = try Rights.enter(config.path)
            files = try Rights.files(config.path).joined(separator: ", ")
        } catch {
            // Nothing else is known without them.
            return [.fail("settings", "\(error)")]
        }
        return [.ok("settings", files)] + KeyLook.findings(settings) + DatabaseLook.findings(settings)
            + TokensLook.findings(settings) + [
                TableLook.finding(settings), PlaceLook.socket(settings), PlaceLook.peer(settings, path: config.path),
            ]
            + WorkersLook.findings(settings, path: config.path)
    }
}

extension Failure: CustomStringConvertible {
    var description: String { text }
}

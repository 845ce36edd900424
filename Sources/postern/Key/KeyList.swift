import ArgumentParser
import Service
import System
import Tokens

struct KeyList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys of the key file; never the secrets.")

    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let settings = try Rights.enter(config.path)
        let path = settings.keys.file
        let file = try KeyFile.load(path)
        let permissions = try FileStatus.of(path).permissions
        let now = Moment.now()
        let signer = KeyRing(starting: file.keys).signer(at: now)
        if output.isJSON {
            let keys = file.keys.map { KeyList.json($0, signs: $0.id == signer?.id, path, permissions) }
            return try Report.line(JSON.lines(keys))
        }
        var table = TextTable(["KID", "ALG", "STATE", "SIGNS", "VERIFIES UNTIL"])
        for key in file.keys {
            let state = KeyList.state(key, signs: key.id == signer?.id, at: now.wall)
            table.add([key.id, key.algorithm.rawValue, state, KeyList.signing(key.life), KeyList.end(key.life)])
        }
        try Report.text("\(path) \(permissions)\n" + table.text)
        for note in file.notes { Report.warning("\(path): \(note)") }
        if signer == nil {
            Report.warning("\(path): no key signs now. Cure: correct its times, or postern key generate")
        }
    }

    static func state(_ key: TokenKey, signs: Bool, at wall: Int64) -> String {
        if signs { return "signs" }
        return key.life.mayVerify(at: wall) ? "verifies" : "ended"
    }

    private static func signing(_ life: TokenKey.Life) -> String {
        let from = life.signsFrom.map { "from \(Timestamp.text($0))" }
        let until = life.signsUntil.map { "until \(Timestamp.text($0))" }
        let words = [from, until].compactMap { $0 }
        return words.isEmpty ? "always" : words.joined(separator: " ")
    }

    private static func end(_ life: TokenKey.Life) -> String { life.verifiesUntil.map(Timestamp.text) ?? "open" }

    private static func json(_ key: TokenKey, signs: Bool, _ path: String, _ permissions: String) -> JSON {
        let time = { (seconds: Int64?) in JSON(seconds.map(Timestamp.text)) }
        return .object([
            ("kid", .text(key.id)),
            ("alg", .text(key.algorithm.rawValue)),
            ("thumbprint", .text(key.thumbprint)),
            ("signs", .flag(signs)),
            ("signs_from", time(key.life.signsFrom)),
            ("signs_until", time(key.life.signsUntil)),
            ("verifies_until", time(key.life.verifiesUntil)),
            ("file", .text(path)),
            ("permissions", .text(permissions)),
        ])
    }
}

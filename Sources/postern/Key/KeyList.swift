import ArgumentParser
import HTTP
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
        let place = "\(path) \(try FileStatus.of(path).permissions)"
        let now = Moment.now()
        let signer = KeyRing(starting: file.keys).signer(at: now)
        if output.isJSON {
            let keys = file.keys.map { KeyList.json($0, signs: $0.id == signer?.id, path: path) }
            return try Report.line("[" + keys.joined(separator: ",\n") + "]")
        }
        var table = TextTable(["KID", "ALG", "STATE", "SIGNS", "VERIFIES UNTIL"])
        for key in file.keys {
            let state = KeyList.state(key, signs: key.id == signer?.id, at: now.wall)
            table.add([key.id, key.algorithm.rawValue, state, KeyList.signing(key.life), KeyList.end(key.life)])
        }
        try Report.text(place + "\n" + table.text)
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

    private static func json(_ key: TokenKey, signs: Bool, path: String) -> String {
        let time = { (seconds: Int64?) in seconds.map { JSONObject.quote(Timestamp.text($0)) } ?? "null" }
        var object = JSONObject()
        object.add("kid", key.id)
        object.add("alg", key.algorithm.rawValue)
        object.add("thumbprint", key.thumbprint)
        object.add("signs", signs)
        object.add("signs_from", raw: time(key.life.signsFrom))
        object.add("signs_until", raw: time(key.life.signsUntil))
        object.add("verifies_until", raw: time(key.life.verifiesUntil))
        object.add("file", path)
        return object.object()
    }
}

import ArgumentParser
import Cryptography
import Service
import System
import Tokens

struct KeyGenerate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Write a key file with a new secret.",
        discussion: """
            Root writes it 0640 for the group of the service's user; anybody else 0600 for himself. With --file no \
            settings are read.
            """)

    @Option(help: "Where to write it (default: keys.file of the settings).", completion: .file()) var file: String?
    @Flag(help: "A raw secret of 64 characters in place of a JWK Set.") var raw = false
    @Flag(help: "Replace a key file that is there. Tokens signed with its keys are refused from then on.")
    var force = false
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let (path, group) = try place()
        let isThere = Files.exists(path)
        guard force || !isThere else {
            throw Failure(
                "\(path): there is a key file already. Cure: --file to write another one, or --force to replace it "
                    + "(all tokens signed with its keys are then refused)")
        }
        var bytes = raw ? try NewKey.rawSecret() : try NewKey.keySet(id: NewKey.id(at: now))
        defer { wipe(&bytes) }
        // The same reader as the worker's: what is written here is never refused there.
        let key = try KeyFile.parse(bytes, path: path).keys[0]
        let permissions = try NewKey.write(bytes, to: path, group: group)
        guard output.isJSON else {
            return try Report.line("\(path) \(permissions) · \(key.id) \(key.algorithm.rawValue)")
        }
        let members: [(name: String, value: JSON)] = [
            ("file", .text(path)),
            ("permissions", .text(permissions)),
            ("kid", .text(key.id)),
            ("alg", .text(key.algorithm.rawValue)),
        ]
        try Report.line(JSON.object(members).text)
    }

    private var now: String { Timestamp.text(Moment.now().wall) }

    private func place() throws -> (path: String, group: String?) {
        if let file {
            let standard = Settings().service.user
            return (file, SystemGroup.number(of: standard) == nil ? nil : standard)
        }
        let settings = try settings()
        guard SystemUser.current().isRoot else { return (settings.keys.file, nil) }
        let user = try Rights.serviceUser(settings, path: config.path)
        return (settings.keys.file, SystemGroup.name(of: user.gid))
    }

    /// A key may well be wanted before there are settings.
    private func settings() throws -> Settings {
        do {
            return try Rights.settings(config.path)
        } catch {
            throw Failure("\(error). Without settings: postern key generate --file FILE")
        }
    }
}

import ArgumentParser
import Cryptography
import Service
import System
import Tokens

struct TokenCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check tokens from standard input, one a line.",
        discussion: """
            Prints "valid" with the claims or "refused" with the reason for each; exit status 1 if any is refused. The \
            access token is checked, not the user; a service token is looked up, and told by its number. With --keys \
            neither settings nor database are needed, issuer and audience may be any, and no service token is known.
            """)

    @Option(help: "Key file in place of the settings'.", completion: .file()) var keys: String?
    @Flag(help: "Check the signature alone: no claims, no times.") var signatureOnly = false
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    /// Bytes. A token has at most 4 KiB; a longer line is still answered as such.
    private static let longestLine = 1 << 26

    func run() throws {
        let (examiner, service) = try examiners()
        var verdicts: [TokenVerdict] = []
        while var line = try StandardStreams.readLine(limit: TokenCheck.longestLine) {
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            let verdict = try service?.verdict(on: line) ?? examiner.verdict(on: line, at: .now())
            if !output.isJSON { try Report.line(verdict.line) }
            verdicts.append(verdict)
        }
        if output.isJSON { try Report.line(JSON.lines(verdicts.map(\.json))) }
        guard !verdicts.isEmpty else {
            throw Failure("no token on standard input, where one a line is expected", status: ExitStatus.unusable)
        }
        if !verdicts.allSatisfy(\.isValid) { throw ExitCode(ExitStatus.failed) }
    }

    private func examiners() throws -> (TokenExaminer, ServiceTokenLook?) {
        let keys: [TokenKey]
        let policy: TokenPolicy
        var service: ServiceTokenLook?
        if let path = self.keys {
            keys = try TokenCheck.load(path)
            policy = TokenPolicy(issuer: nil, audience: nil, leeway: Int64(Settings().tokens.leeway))
        } else {
            let settings = try Rights.enter(config.path)
            keys = try KeyFile.load(settings.keys.file).keys
            policy = TokenPolicy(
                issuer: settings.site.issuer, audience: settings.audience, leeway: Int64(settings.tokens.leeway),
                migrationUntil: settings.tokens.migrationUntil?.endOfDay)
            service = try ServiceTokenLook(settings)
        }
        let verifier = signatureOnly ? nil : Verifier(policy)
        return (TokenExaminer(ring: KeyRing(starting: keys), verifier: verifier), service)
    }

    /// Nothing is signed here, so what would make the worker refuse a file is a warning.
    private static func load(_ path: String) throws -> [TokenKey] {
        var bytes = try Files.read(path, limit: KeyFile.largest)
        defer { wipe(&bytes) }
        let file = try KeyFile.parse(bytes, path: path, publicSecrets: .accept)
        for key in file.keys where key.isPubliclyKnown {
            Report.warning("\(path): the secret of key \"\(key.id)\" is publicly known: anybody can sign with it")
        }
        let status = try FileStatus.of(path)
        if status.mode & 0o027 != 0 {
            Report.warning("\(path): others may read it or its group may write it (\(status.permissions))")
        }
        for note in file.notes { Report.warning("\(path): \(note)") }
        return file.keys
    }
}

import Service
import System

/// nginx's own word on its configuration: `nginx -T`, run with root's rights, before `postern` gives them up.
enum NginxLook {
    case notAsked
    case unknown(Finding)
    case seen(NginxConfiguration, version: String)

    private static let programs = [
        "/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/nginx/sbin/nginx", "/usr/bin/nginx",
    ]
    private static let milliseconds = 20_000
    private static let limit = 32 << 20

    /// - Parameters:
    ///   - main: nginx's main file; `nil`: nginx's own default.
    ///   - settings: path of Postern's. Where they are not those of the service, nginx's default files are not about
    ///     these workers, and only a file that is named is looked at.
    static func take(main: String?, settings: String) -> NginxLook {
        guard main != nil || settings == SettingsFile.standardPath else { return .notAsked }
        guard main != nil || SystemUser.current().isRoot else {
            return .unknown(
                .warn("nginx", "not looked at: nginx -T reads keys of certificates", cure: "sudo postern check"))
        }
        guard let program = programs.first(where: Files.exists) else {
            return .unknown(.warn("nginx", "not installed: \(programs[0])", cure: "apt install nginx"))
        }
        do {
            let outcome = try run(program, ["-T"] + (main.map { ["-c", $0] } ?? []))
            guard outcome.status == 0 else { return .unknown(refused(outcome)) }
            let version = try run(program, ["-v"])
            return .seen(
                try NginxConfiguration(NginxDump(outcome.output)),
                version: number(String(decoding: version.errors, as: UTF8.self)))
        } catch {
            return .unknown(.warn("nginx", "nginx -T: \(error)", cure: "nginx -T shows what it could not read"))
        }
    }

    private static func run(_ program: String, _ words: [String]) throws(SystemError) -> ChildProcess.Outcome {
        try ChildProcess.run(program, words, milliseconds: milliseconds, limit: limit)
    }

    private static func refused(_ outcome: ChildProcess.Outcome) -> Finding {
        if outcome.isTimedOut { return .fail("nginx", "nginx -T does not end. Cure: nginx -t") }
        if outcome.isTooLong {
            return .fail("nginx", "nginx -T prints more than \(limit >> 20) MiB. Cure: nginx -T | wc")
        }
        let lines = String(decoding: outcome.errors, as: UTF8.self).split(separator: "\n")
        let reason = lines.first { $0.contains("[emerg]") } ?? lines.last ?? "nginx -T failed"
        return .fail("nginx", "\(reason). Cure: correct it, nginx -t")
    }

    /// "1.22.1" of "nginx version: nginx/1.22.1 (Debian)"
    private static func number(_ text: String) -> String {
        guard let slash = text.firstIndex(of: "/") else { return "nginx" }
        return String(text[text.index(after: slash)...].prefix { $0.isNumber || $0 == "." })
    }

    func findings(_ settings: Settings) -> [Finding] {
        switch self {
        case .notAsked: []
        case .unknown(let finding): [finding]
        case .seen(let configuration, let version):
            NginxReport(configuration, settings, version: version).findings
        }
    }
}

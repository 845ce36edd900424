import ArgumentParser
import Service
import System

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Is everything in order? What is wrong, where, and the cure.",
        discussion: """
            Run by root it reads nginx's configuration too, and all else with the eyes of the service's user. Exit \
            status 1 when something fails. With --site it also sends forged requests to the protected locations of a \
            site, at most four at once, and tells what got through.
            """)

    @Option(help: ArgumentHelp("Knock at a site, https://www.example.com.", valueName: "url"))
    var site: String?

    @Option(
        name: .customLong("location"),
        help: ArgumentHelp(
            "With --site: a protected path, in place of those of nginx -T. Repeatable.", valueName: "path"))
    var locations: [String] = []

    @Option(
        name: .customLong("ca"), help: ArgumentHelp("With --site: trust these certificates.", valueName: "file"),
        completion: .file())
    var authorities: String?

    @Option(
        name: .customLong("nginx"),
        help: ArgumentHelp("nginx's main file, where it is not the usual one.", valueName: "file"),
        completion: .file())
    var nginx: String?

    @Flag(help: "One line for monitoring. Exit status 0 ok, 1 warning, 2 critical, 3 unknown.")
    var nagios = false

    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    mutating func validate() throws {
        if nagios && output.isJSON { throw ValidationError("--nagios and --json exclude each other") }
        if let site, SiteAddress(site) == nil {
            throw ValidationError("--site: \"\(site)\" is no address such as https://www.example.com")
        }
        if site == nil && (!locations.isEmpty || authorities != nil) {
            throw ValidationError("--location and --ca belong to --site")
        }
        if let path = locations.first(where: { !$0.hasPrefix("/") }) {
            throw ValidationError("--location: \"\(path)\" does not begin with /")
        }
        if let nginx, !nginx.hasPrefix("/") { throw ValidationError("--nginx: needs the whole path, from /") }
    }

    func run() throws {
        let look = look()
        if nagios {
            let line = look.unusable.map { NagiosLine(unknown: $0.detail) } ?? NagiosLine(look.findings)
            try Report.line(line.text)
            throw ExitCode(line.status)
        }
        let findings = look.findings
        if output.isJSON {
            let isGood = JSON.flag(findings.count(.fail) == 0)
            try Report.line(JSON.object([("ok", isGood), ("findings", .list(findings.map(\.json)))]).text)
        } else {
            try Report.text(findings.map(\.text).joined() + findings.summary + "\n")
        }
        if findings.count(.fail) > 0 { throw ExitCode(ExitStatus.failed) }
    }

    /// - Returns: what was found, and what made it impossible to look.
    private func look() -> (findings: [Finding], unusable: Finding?) {
        // While these are still root's rights.
        let web = NginxLook.take(main: nginx, settings: config.path)
        let settings: Settings
        let files: String
        do {
            settings = try Rights.enter(config.path)
            files = try Rights.files(config.path).joined(separator: ", ")
        } catch {
            // Nothing else is known without them.
            let finding = Finding.fail("settings", "\(error)")
            return ([finding], finding)
        }
        let own =
            [.ok("settings", files)] + KeyLook.findings(settings) + DatabaseLook.findings(settings)
            + TokensLook.findings(settings)
            + [TableLook.finding(settings), PlaceLook.socket(settings), PlaceLook.peer(settings, path: config.path)]
            + WorkersLook.findings(settings, path: config.path)
        return (own + web.findings(settings) + knock(web, settings), nil)
    }

    private func knock(_ web: NginxLook, _ settings: Settings) -> [Finding] {
        guard let address = site.flatMap(SiteAddress.init) else { return [] }
        let curl = Curl(address: address, authorities: authorities)
        guard locations.isEmpty else {
            let targets = locations.map { SiteLook.Target(path: $0, isPrefix: true) }
            return SiteLook(curl: curl, targets: targets).findings()
        }
        guard case .seen(let configuration, _) = web else {
            return [
                .fail(
                    "site",
                    "which locations are protected is for nginx -T to say. "
                        + "Cure: sudo postern check --site …, or --location /path for each")
            ]
        }
        let targets = SiteTargets(address, NginxGate(configuration, settings))
        guard let targets, !targets.all.isEmpty else {
            return [
                .fail(
                    "site",
                    "\(address.text): nginx -T has no location with a check for this name. "
                        + "Cure: correct the name, or auth_request /postern/auth; in a location")
            ]
        }
        return SiteLook(curl: curl, targets: targets.all).findings() + (targets.note.map { [$0] } ?? [])
    }
}

extension Failure: CustomStringConvertible {
    var description: String { text }
}

import ArgumentParser
import Service
import System

struct SetupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup", abstract: "Key, peer secret, database, first user: shows each step, can be repeated.",
        discussion: """
            Run by root; asks for what is missing. It starts and enables nothing. What is there already stays as it is.
            """)

    @Flag(help: "Ask nothing; what is missing is an error.") var nonInteractive = false
    @Option(help: "https address that stands in every token.") var issuer: String?
    @Option(help: "E-mail address of the first user.") var email: String?
    @Option(help: "Name of the first user.") var name: String?
    @OptionGroup var password: PasswordOption
    @Option(help: "Socket of the local MariaDB.", completion: .file()) var databaseSocket: String?
    @OptionGroup var migrations: MigrationsOption
    @Flag(name: .customLong("no-nginx"), help: "No peer secret, nothing under nginx's folder.") var isWithoutNginx =
        false
    @Option(name: .customLong("nginx"), help: ArgumentHelp("nginx's folder.", valueName: "folder"))
    var nginxFolder = "/etc/nginx"
    @OptionGroup var config: SettingsOption

    mutating func validate() throws {
        guard nonInteractive, email != nil else { return }
        if name == nil { throw ValidationError("--non-interactive with --email needs --name") }
        if !password.isFromStandardInput && !password.isGenerated {
            throw ValidationError("--non-interactive with --email needs --password-stdin or --generate")
        }
    }

    func run() throws {
        guard SystemUser.current().isRoot else {
            throw Failure("setup: only root may do this. Cure: sudo postern setup")
        }
        try Rights.requireTrust(config.path)
        let questions = Questions(mayAsk: !nonInteractive)
        var file = try SetupFile(config.path)
        try SetupSettings.prepare(&file, issuer: issuer, databaseSocket: databaseSocket, questions)
        let settings = try Rights.settings(config.path)
        let user = try Rights.serviceUser(settings, path: config.path)
        let group = SystemGroup.name(of: user.gid)
        try Steps.say("system", "user \(user.name) is already there")
        try SetupSecrets.key(settings, group: group)
        if isWithoutNginx {
            try Steps.say("peer", "left out (--no-nginx)")
        } else {
            try SetupSecrets.peer(settings, file: &file, group: group, nginx: nginxFolder)
        }
        try SetupDatabase.prepare(settings, try Migrations.load(migrations.directory))
        try SetupUser.add(email: email, name: name, password, settings, questions)
        try Report.text(SetupCommand.next)
    }

    private static let next = """

        Next:
          a vhost that includes snippets/postern-params.conf (examples: /usr/share/doc/postern/examples/nginx),
          nginx -t && systemctl reload nginx
          systemctl enable --now postern
          postern check

        """
}

/// What setup says before it does it.
enum Steps {
    static func say(_ subject: String, _ text: String) throws(SystemError) {
        try Report.line(subject + String(repeating: " ", count: max(1, 11 - subject.count)) + text)
    }
}

/// Asks on the terminal for what the arguments leave open.
struct Questions {
    let mayAsk: Bool

    func answer(_ given: String?, option: String, question: String) throws -> String {
        if let given { return given }
        guard mayAsk else { throw Failure("setup: \(option) is needed", status: ExitStatus.unusable) }
        try StandardStreams.error(question + ": ")
        guard let line = try StandardStreams.readLine(limit: 1000), let text = String(validating: line, as: UTF8.self),
            !text.isEmpty
        else { throw Failure("setup: no answer. Cure: \(option)", status: ExitStatus.unusable) }
        return text
    }
}

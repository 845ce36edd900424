import Service

/// nginx's configuration as Postern sees it: which levels ask it, which pass to it, which are shut anyway.
struct NginxGate {
    let configuration: NginxConfiguration
    let settings: Settings
    private let socket: String

    init(_ configuration: NginxConfiguration, _ settings: Settings) {
        self.configuration = configuration
        self.settings = settings
        socket = "unix:" + PlaceLook.socketPath(settings)
    }

    /// What a level asks before it answers.
    struct Check {
        /// "/postern/auth/group=ops"
        let path: String
        let directive: NginxDirective
        /// Where the line stands: the level itself or one above.
        let level: NginxLevel
    }

    /// Where checks go (nginx/snippets/postern.conf).
    static let path = "/postern/auth"

    /// `nil`: nothing is asked, or another program than Postern is.
    func check(_ level: NginxLevel, in server: NginxServer) -> Check? {
        guard let origin = level.levelOf("auth_request"), let directive = origin.own("auth_request").first,
            directive.value != "off", !passesToPostern(level), !level.isWithin(NginxGate.path)
        else { return nil }
        let isOurs = directive.value.hasPrefix(NginxGate.path) || answersAreOurs(directive.value, server)
        return isOurs ? Check(path: directive.value, directive: directive, level: origin) : nil
    }

    private func answersAreOurs(_ path: String, _ server: NginxServer) -> Bool {
        NginxMatch.find(path, in: server.level).level.map(passesToPostern) ?? false
    }

    /// To the workers, or to Postern as a CGI program, which fcgiwrap starts: both are told a role.
    func passesToPostern(_ level: NginxLevel) -> Bool {
        passesToWorkers(level)
            || (level.handler("fastcgi_pass") != nil && level.values("fastcgi_param")["postern_role"] != nil)
    }

    func passesToWorkers(_ level: NginxLevel) -> Bool {
        level.handler("fastcgi_pass").map { isPostern($0.value) } ?? false
    }

    /// By its socket; a wrong socket behind the names of conf.d/postern.conf is still meant for Postern.
    private func isPostern(_ target: String) -> Bool {
        ["$postern_upstream", "postern_kept", "postern_once"].contains(target)
            || configuration.targets(target).contains(socket)
    }

    /// Servers in which some location is checked.
    var guardedServers: [NginxServer] {
        configuration.servers.filter { server in server.level.all.contains { check($0, in: server) != nil } }
    }

    /// Every level that passes to Postern.
    var doors: [NginxLevel] {
        configuration.servers.flatMap { $0.level.all }.filter { !$0.own("fastcgi_pass").isEmpty && passesToPostern($0) }
    }
}

extension NginxLevel {
    /// Whether nobody gets an answer here: `deny all`, a `return` of an error, `internal`.
    var isShut: Bool {
        if isInternal { return true }
        if let status = returned?.value, status.hasPrefix("4") || status.hasPrefix("5") { return true }
        let rules = ([self] + above).first { !$0.own("deny").isEmpty || !$0.own("allow").isEmpty }
        return rules?.own("allow").isEmpty == true && rules?.own("deny").contains { $0.value == "all" } == true
    }

    /// Not to be asked from outside; nested locations inherit it.
    var isInternal: Bool { levelOf("internal") != nil }

    /// Whether it stands in, or is, the location of this prefix.
    fileprivate func isWithin(_ prefix: String) -> Bool {
        ([self] + above).contains { $0.location?.name.hasPrefix(prefix) == true }
    }

    /// A `return` that every request meets.
    var returned: NginxDirective? { own("return").first }

    /// Of a list of parameters or headers the value that an application sees, and its place: the last one. Names in one
    /// form.
    func values(_ directive: String) -> [String: NginxDirective] {
        Dictionary(
            inForce(directive).filter { $0.arguments.count > 1 }.map { ($0.value.lowercased(), $0) },
            uniquingKeysWith: { $1 })
    }

    /// Whether the last word for a switch is "on".
    func isOn(_ name: String) -> Bool { inForce(name).last?.value == "on" }
}

extension Finding {
    /// "shop.example.com: …"
    static func nginx(_ state: State, _ server: NginxServer?, _ detail: String, cure: String) -> Finding {
        let name = server.map { $0.title + ": " } ?? ""
        return Finding(state: state, subject: "nginx", detail: name + detail, cure: cure)
    }
}

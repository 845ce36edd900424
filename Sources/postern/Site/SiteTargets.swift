/// What of a vhost `postern check --site` asks, by nginx's configuration.
struct SiteTargets {
    let gate: NginxGate
    let server: NginxServer

    init?(_ address: SiteAddress, _ gate: NginxGate) {
        guard let server = gate.configuration.server(named: address.host, port: address.port) else { return nil }
        self.gate = gate
        self.server = server
    }

    /// Each location with a check of its own, and "/" where the server has one.
    var all: [SiteLook.Target] {
        var targets: [SiteLook.Target] = []
        for level in [server.level] + server.level.all.filter({ $0.location != nil }) {
            guard let check = gate.check(level, in: server), check.level === level, !level.isShut,
                let target = target(level), !targets.contains(target)
            else { continue }
            targets.append(target)
        }
        return targets
    }

    private func target(_ level: NginxLevel) -> SiteLook.Target? {
        guard let name = level.location else { return SiteLook.Target(path: "/", isPrefix: true) }
        if name.isPrefix { return SiteLook.Target(path: name.name, isPrefix: true) }
        if name.modifier == .exact { return SiteLook.Target(path: name.name, isPrefix: false) }
        // A path that nginx leads here.
        let paths = name.pattern?.samples.flatMap { [$0, "/postern-check" + $0] } ?? []
        return paths.first { path in
            path.hasPrefix("/") && NginxMatch.find(path, in: server.level).level === level
        }.map { SiteLook.Target(path: $0, isPrefix: false) }
    }

    /// Open locations where an application is told who asks: whether it believes what a client forges is not to be seen
    /// from outside.
    var note: Finding? {
        let open = server.level.all.filter { level in
            level.passes && !gate.passesToPostern(level) && gate.check(level, in: server) == nil
        }
        guard !open.isEmpty else { return nil }
        return .ok(
            "site",
            "not to be judged from outside, the lines on nginx above judge them: open locations that hand identity on: "
                + open.map(\.reference).joined(separator: ", "))
    }
}

/// Paths that nginx reads in one way and the program behind it in another: nginx answers them in a location that asks
/// for less.
struct NginxReadings {
    let gate: NginxGate
    let server: NginxServer

    var findings: [Finding] { scripts + handedOn }

    // MARK: Scripts

    /// `location ~ \.php$` beside `location = /login.php`: "/login.php/x.php" is another location and the same script.
    private var scripts: [Finding] {
        server.level.all.compactMap { level in
            guard let name = level.location, name.modifier == .exact, name.name.hasSuffix(".php"),
                let asked = asked(level)
            else { return nil }
            let path = name.name + "/x.php"
            guard let answering = NginxMatch.find(path, in: server.level).level, answering.passes, !answering.isShut,
                asked != self.asked(answering), answering.inForce("try_files").first?.value != "$uri"
            else { return nil }
            return .nginx(
                .fail, server,
                "\(path) is answered by \(answering.reference), which runs the script of \(level.reference) for it",
                cure: "\"location ^~ \(name.name)\"")
        }
    }

    /// What stands before a level: its check, or that it is shut. nil: nothing.
    private func asked(_ level: NginxLevel) -> String? {
        level.isShut ? "deny" : gate.check(level, in: server)?.path
    }

    // MARK: proxy_pass without a path

    /// It hands on what the client wrote: "/reports/1/..%2f..%2fstatus" is "/status" to nginx alone.
    private var handedOn: [Finding] {
        let levels = server.level.all.filter { !$0.isShut && !$0.own("proxy_pass").isEmpty }
        let kept = levels.filter { gate.check($0, in: server) != nil }
        return levels.compactMap { level in
            guard let name = level.location, name.isPrefix || name.modifier == .exact,
                gate.check(level, in: server) == nil, let target = NginxReadings.targetWithoutPath(level),
                let other = kept.first(where: { $0.own("proxy_pass").contains { $0.value.hasPrefix(target) } })
            else { return nil }
            return .nginx(
                .warn, server,
                "open \(level.reference) hands on the path as the client wrote it (\(level.own("proxy_pass")[0].place)): "
                    + "the application may read one of \(other.reference) in it",
                cure: "proxy_pass \(target)\(name.name); the path that nginx went by")
        }
    }

    private static func targetWithoutPath(_ level: NginxLevel) -> String? {
        guard let target = level.own("proxy_pass").first?.value, !target.contains("$"),
            let authority = target.split(separator: "://", maxSplits: 1).last, !authority.contains("/")
        else { return nil }
        return target
    }
}

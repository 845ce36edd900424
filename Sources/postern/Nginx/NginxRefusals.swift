/// What stands in a protected location and takes the check's effect away, or hides what it says.
struct NginxRefusals {
    let gate: NginxGate
    let server: NginxServer
    private let pages: NginxErrorPages

    init(gate: NginxGate, server: NginxServer) {
        (self.gate, self.server) = (gate, server)
        pages = NginxErrorPages(gate: gate, server: server)
    }

    private var levels: [(level: NginxLevel, check: NginxGate.Check)] {
        server.level.all.compactMap { level in gate.check(level, in: server).map { (level, $0) } }
    }

    var findings: [Finding] {
        once { pages.finding($0) } + once { dropped($0) } + once { basic($0) } + once { satisfied($0) }
            + levels.flatMap { answered($0.level, $0.check) }
    }

    /// A line of the server reaches many locations, and is told once.
    private func once(_ find: (NginxLevel) -> (cause: NginxPlace, finding: Finding)?) -> [Finding] {
        var seen: Set<NginxPlace> = []
        return levels.compactMap { find($0.level) }.filter { seen.insert($0.cause).inserted }.map(\.finding)
    }

    // MARK: auth_basic

    /// Snippets before 0.3.0 took nginx's question for the password away.
    private func basic(_ level: NginxLevel) -> (NginxPlace, Finding)? {
        guard level.isBasic, let line = level.inForce("auth_basic").last, let denied = pages.denied,
            pages.leadsToUs(NginxErrorPage.first("401", of: level), "401"),
            !denied.all.flatMap(\.own).contains(where: { $0.text.contains("$sent_http_www_authenticate") })
        else { return nil }
        return (
            line.place,
            .nginx(
                .warn, server,
                "\(level.reference) asks for a password too (\(line.place)), and \(denied.reference) makes a plain 403 "
                    + "of its question",
                cure: "an error_page 401 of its own in that location, or the snippets of this release")
        )
    }

    // MARK: What the check says

    private func dropped(_ level: NginxLevel) -> (NginxPlace, Finding)? {
        let lines = level.inForce("auth_request_set")
        guard let first = lines.first, !lines.contains(where: { $0.value == "$postern_status" }),
            let origin = level.levelOf("auth_request_set"),
            origin.above.contains(where: { $0.own("auth_request_set").contains { $0.value == "$postern_status" } })
        else { return nil }
        return (
            first.place,
            .nginx(
                .warn, server,
                "\(level.reference): an auth_request_set of its own (\(first.place)) drops those of the snippet: no "
                    + "application learns who it is, and every refusal is a plain 403",
                cure: "put it at the level of the server, beside the include of snippets/postern.conf")
        )
    }

    private func satisfied(_ level: NginxLevel) -> (NginxPlace, Finding)? {
        guard let line = level.inForce("satisfy").last, line.value == "any" else { return nil }
        let rules = ([level] + level.above).first { !$0.own("allow").isEmpty || !$0.own("deny").isEmpty }
        let allow = rules?.own("allow").first
        guard let other = allow ?? (level.isBasic ? level.inForce("auth_basic").last : nil) else { return nil }
        let isForAll = allow?.value == "all"
        return (
            line.place,
            .nginx(
                isForAll ? .fail : .warn, server,
                "\(level.reference): satisfy any (\(line.place)): who passes \"\(other.name)\" (\(other.place)) is not "
                    + "checked" + (isForAll ? ", and that is everybody" : ""),
                cure: "satisfy all;")
        )
    }

    // MARK: Before the check

    /// return and rewrite run before it (nginx's phases).
    private func answered(_ level: NginxLevel, _ check: NginxGate.Check) -> [Finding] {
        let isOwn = check.level === level || check.level === level.parent
        let answers = level.own("return").compactMap { answer($0, level, isOwn: isOwn) }
        let leaves = level.own("rewrite").filter { line in
            // "break" stays; a redirect tells its target only.
            let flag = line.arguments.count > 2 ? line.arguments[2] : "last"
            let isRedirect = line.arguments.count > 1 && line.arguments[1].hasPrefix("http")
            return isOwn && flag == "last" && !isRedirect && level.location != nil
        }
        return answers
            + leaves.map { line in
                .nginx(
                    .warn, server,
                    "\(level.reference): \"\(line.text)\" (\(line.place)) runs before the check, and leads to another "
                        + "location, whose check is then the only one",
                    cure: "rewrite … break; or auth_request in the location that it leads to as well")
            }
    }

    private func answer(_ line: NginxDirective, _ level: NginxLevel, isOwn: Bool) -> Finding? {
        let isRedirect = line.value.hasPrefix("3") || line.value.hasPrefix("http") || line.value.hasPrefix("$")
        let isAnswer = line.value.hasPrefix("2")
        guard isAnswer || (isRedirect && isOwn && level.location != nil) else { return nil }
        return .nginx(
            isAnswer && isOwn ? .fail : .warn, server,
            "\(level.reference): \"\(NginxRefusals.short(line.text))\" (\(line.place)) runs before the check: everybody "
                + (isRedirect ? "is told where it leads" : "gets this answer"),
            cure: "a file and try_files in place of return, or take auth_request out of this location")
    }

    private static func short(_ text: String) -> String { text.count <= 60 ? text : text.prefix(57) + "..." }
}

/// Where the error pages of a server lead: what hides Postern's answers, and what answers in its place.
struct NginxErrorPages {
    let gate: NginxGate
    let server: NginxServer

    /// What nginx makes of a check: its no, and the 500 of one that failed.
    private static let statuses = ["401", "403", "500"]

    // MARK: Of a check

    /// A page that may take the place of a check's answer when the check fails, with a yes.
    ///
    /// - Parameter check: the location that answers checks.
    func yes(_ check: NginxLevel) -> NginxErrorPage? {
        check.inForce("error_page").map(NginxErrorPage.init).first { page in
            let isShut = target(page).map { $0.isShut || gate.passesToPostern($0) } ?? false
            return page.mayBeYes(isShut: isShut)
        }
    }

    // MARK: Of a protected location

    func finding(_ level: NginxLevel) -> (cause: NginxPlace, finding: Finding)? {
        let pages = NginxErrorPages.statuses.compactMap { NginxErrorPage.first($0, of: level) }
        return pages.lazy.compactMap { shown(level, $0) }.first ?? hidden(level)
    }

    /// `error_page 401 = @content`: who is refused gets it all the same, whatever the status says.
    private func shown(_ level: NginxLevel, _ page: NginxErrorPage) -> (NginxPlace, Finding)? {
        guard let target = target(page), gate.check(target, in: server) == nil,
            !gate.passesToPostern(target), target.returned == nil, !target.isShut || target.isInternal,
            page.keepsPath, target.keepsPath, NginxCoverage.source(target) == NginxCoverage.source(level)
        else { return nil }
        return (
            page.line.place,
            .nginx(
                .fail, server,
                "\(level.reference): \"\(page.line.text)\" (\(page.line.place)) leads who is refused to "
                    + "\(target.reference), which shows the same content without a check",
                cure: "take it out, or let that location answer one page alone, by return or try_files")
        )
    }

    private func hidden(_ level: NginxLevel) -> (NginxPlace, Finding)? {
        guard let origin = level.levelOf("error_page") else {
            return (level.place, lost(level, "no error_page of the snippet is in force"))
        }
        let statuses = NginxErrorPages.statuses.filter { status in
            // auth_basic asks for its password with a 401 of its own.
            !leadsToUs(NginxErrorPage.first(status, of: level), status) && !(status == "401" && level.isBasic)
        }
        guard let first = statuses.first else { return nil }
        let words =
            statuses.dropLast().joined(separator: ", ") + (statuses.count > 1 ? " and " : "") + (statuses.last ?? "")
        if let cause = NginxErrorPage.first(first, of: level)?.line {
            return (cause.place, lost(level, "\"\(cause.text)\" (\(cause.place)) hides Postern's answer for \(words)"))
        }
        let lines = origin.own("error_page")
        let text =
            "an error_page of its own (\(lines[0].place)) drops those of the snippet, and so Postern's answer for \(words)"
        return (lines[0].place, lost(level, text))
    }

    private func lost(_ level: NginxLevel, _ reason: String) -> Finding {
        .nginx(
            .warn, server,
            "\(level.reference): \(reason): it stays protected, but nobody is told why, or when to come again",
            cure: "error_page 401 403 = @postern_denied; error_page 500 = @postern_away; before it, at the same level")
    }

    // MARK: Targets

    /// To the wording of a refusal, or of Postern being away.
    func leadsToUs(_ page: NginxErrorPage?, _ status: String) -> Bool {
        guard let page, page.target.hasPrefix("@"), let target = target(page) else { return false }
        return status == "500" ? target.returned?.value == "503" : target === denied
    }

    /// The location that words refusals.
    var denied: NginxLevel? {
        server.level.locations.first { level in
            level.location?.modifier == .named && gate.passesToPostern(level)
                && level.values("fastcgi_param")["postern_role"]?.arguments.last == "denied"
        }
    }

    /// `nil`: an address, or what no location answers.
    private func target(_ page: NginxErrorPage) -> NginxLevel? {
        if page.target.hasPrefix("@") {
            return server.level.locations.first {
                $0.location?.modifier == .named && $0.location?.name == page.target
            }
        }
        guard page.path.hasPrefix("/") else { return nil }
        // What a variable may stand for: it is most often $uri.
        let fixed = page.path.prefix { $0 != "$" }
        let path = fixed.count == page.path.count ? page.path : fixed + (fixed.hasSuffix("/") ? "x" : "/x")
        return NginxMatch.find(path, in: server.level).level
    }
}

extension NginxErrorPage {
    /// Of the target, without its query.
    fileprivate var path: String { String(target.prefix { $0 != "?" }) }

    /// Whether the target is asked for what the client asked for.
    fileprivate var keepsPath: Bool { target.hasPrefix("@") || path.contains("$") }
}

extension NginxLevel {
    var isBasic: Bool { inForce("auth_basic").last.map { $0.value != "off" } ?? false }

    /// Whether what it answers goes by the path, and is not one page for all.
    fileprivate var keepsPath: Bool {
        let scripts = passes ? values("fastcgi_param")["script_filename"].map { $0.arguments.dropFirst() } : nil
        let ways =
            own("try_files").flatMap { $0.arguments.dropLast() } + own("rewrite").flatMap { $0.arguments.dropFirst() }
            + (scripts ?? [])
        let names = ["$uri", "$document_uri", "$request_uri", "$request_filename", "$fastcgi_script_name", "$1"]
        return ways.isEmpty || ways.contains { way in names.contains { way.contains($0) } }
    }
}

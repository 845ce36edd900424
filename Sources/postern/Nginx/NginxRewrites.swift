/// Rewrites of a server, which nginx runs for the check's subrequest too.
struct NginxRewrites {
    let server: NginxServer

    /// A line before the snippet that leads the check elsewhere: whatever answers there, with 200, opens the door.
    ///
    /// - Parameter path: of a check.
    func findings(_ path: String) -> [Finding] {
        for directive in server.level.directives {
            if directive.name == "if", isSnippets(directive) { return [] }
            let lines = directive.name == "if" ? directive.block ?? [] : [directive]
            guard let line = lines.first(where: { leads(path, $0) }) else { continue }
            return [
                .nginx(
                    .fail, server,
                    "\"\(line.text)\" (\(line.place)) leads the check (\(path)) to another location, and what answers there "
                        + "opens every protected one",
                    cure: "include snippets/postern.conf; before it")
            ]
        }
        return []
    }

    /// `if ($uri ~ ^/postern/) { break; }`
    private func isSnippets(_ directive: NginxDirective) -> Bool {
        directive.text.contains("^/postern/") && directive.block?.contains { $0.name == "break" } == true
    }

    private func leads(_ path: String, _ line: NginxDirective) -> Bool {
        if line.name == "return" { return line.value.hasPrefix("2") }
        guard line.name == "rewrite", line.arguments.count > 1 else { return false }
        // A redirect is no 2xx, so the door stays shut.
        let isRedirect = ["redirect", "permanent"].contains(line.arguments.last) || line.arguments[1].hasPrefix("http")
        return !isRedirect && NginxPattern(line.value, ignoresCase: false)?.matches(path) != false
    }
}

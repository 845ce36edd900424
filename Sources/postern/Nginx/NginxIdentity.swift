/// Locations that pass to an application: whether it learns who asks from the check, and from nobody else.
struct NginxIdentity {
    let gate: NginxGate
    let server: NginxServer

    /// What a directive that hands on is called, with the one that sets what goes along, and the snippet for it.
    struct Way {
        let handler: String
        let setter: String
        let isParameters: Bool
        let switches: String

        var snippet: String { isParameters ? "postern-identity-fastcgi.conf" : "postern-identity-proxy.conf" }

        static let all = [
            Way(
                handler: "fastcgi_pass", setter: "fastcgi_param", isParameters: true,
                switches: "fastcgi_pass_request_headers"),
            Way(
                handler: "proxy_pass", setter: "proxy_set_header", isParameters: false,
                switches: "proxy_pass_request_headers"),
            Way(
                handler: "uwsgi_pass", setter: "uwsgi_param", isParameters: true, switches: "uwsgi_pass_request_headers"
            ),
            Way(handler: "scgi_pass", setter: "scgi_param", isParameters: true, switches: "scgi_pass_request_headers"),
            Way(
                handler: "grpc_pass", setter: "grpc_set_header", isParameters: false,
                switches: "grpc_pass_request_headers"),
        ]
    }

    private static let parts = ["user", "email", "name", "groups", "scopes"]

    var findings: [Finding] {
        server.level.all.flatMap { level in
            Way.all.filter { !level.own($0.handler).isEmpty }.flatMap { way in
                [finding(level, way), cached(level, way)].compactMap { $0 }
            }
        } + spellings
    }

    private func finding(_ level: NginxLevel, _ way: Way) -> Finding? {
        guard !gate.passesToPostern(level), !level.isShutWithoutInternal, !isForCertificates(level) else { return nil }
        let values = level.values(way.setter)
        guard let fault = theirs(values, level, way) ?? missing(values, level, way) else { return nil }
        let isProtected = gate.check(level, in: server) != nil
        let word = isProtected ? "protected" : "open"
        let dropped = dropped(level, way)
        // What is set above is not missing but dropped: to include it there once more cures nothing.
        let include = "include snippets/\(way.snippet); in this very location"
        return .nginx(
            isProtected ? .fail : .warn, server, "\(word) \(level.reference) \(fault)\(dropped)",
            cure: way.isForOther
                ? "set them by \(way.setter), as snippets/\(way.snippet) does" : include + ", as its last include")
    }

    /// A value that the check did not say: of Debian's fastcgi.conf, of a header, of the query.
    private func theirs(_ values: [String: NginxDirective], _ level: NginxLevel, _ way: Way) -> String? {
        for part in NginxIdentity.parts {
            let name = way.isParameters ? "remote_" + part : "remote-" + part
            // PHP takes the last value of a name; programs under fcgiwrap may take the first.
            var lines = [values[name]]
            if level.handler(way.handler)?.value.contains("fcgiwrap") == true {
                lines.append(level.inForce(way.setter).first { $0.value.lowercased() == name })
            }
            for case let line? in lines {
                guard let variable = foreign(line.arguments.dropFirst().first ?? "", level) else { continue }
                let source = NginxIdentity.isOfClient(variable) ? "of the client" : "from $\(variable)"
                return "sends \(line.value) \(source) (\(line.place))"
            }
        }
        return nil
    }

    /// The first variable of a value that does not come of the check.
    private func foreign(_ value: String, _ level: NginxLevel) -> String? {
        let lines = level.inForce("auth_request_set").filter { $0.arguments.last?.hasPrefix("$upstream_http_") == true }
        let ofCheck = Set(lines.map(\.value))
        let names = value.split(separator: "$", omittingEmptySubsequences: false).dropFirst().map { rest in
            String(rest.drop { $0 == "{" }.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        }
        return names.first { !$0.hasPrefix("postern_") && !ofCheck.contains("$" + $0) }
    }

    private static func isOfClient(_ variable: String) -> Bool {
        variable == "remote_user" || ["http_", "arg", "cookie_"].contains { variable.hasPrefix($0) }
    }

    /// Who renews certificates asks for nobody's name.
    private func isForCertificates(_ level: NginxLevel) -> Bool {
        level.location?.name.contains("well-known/acme-challenge") == true
    }

    private func missing(_ values: [String: NginxDirective], _ level: NginxLevel, _ way: Way) -> String? {
        guard level.inForce(way.switches).last?.value != "off" else { return nil }
        var wanted = NginxIdentity.parts.map { way.isParameters ? "http_remote_\($0)" : "remote-\($0)" }
        if !way.isParameters, hasUnderscores { wanted += NginxIdentity.parts.map { "remote_\($0)" } }
        let missing = wanted.filter { values[$0] == nil }
        if let first = missing.first {
            return "lets the client's own \(NginxIdentity.header(first)) through to the application"
        }
        guard way.isParameters, let first = NginxIdentity.parts.first(where: { values["remote_" + $0] == nil }) else {
            return nil
        }
        return "does not tell the application who asks (REMOTE_\(first.uppercased()))"
    }

    private var hasUnderscores: Bool { server.level.isOn("underscores_in_headers") }

    /// "Remote-User" of "http_remote_user" and "remote-user".
    private static func header(_ name: String) -> String {
        let words = name.split { $0 == "_" || $0 == "-" }.filter { $0 != "http" }
        let separator = name.hasPrefix("remote_") ? "_" : "-"
        return words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: separator)
    }

    /// Identity that is set on a level above, where the location's own lines drop it.
    private func dropped(_ level: NginxLevel, _ way: Way) -> String {
        guard let nearest = level.levelOf(way.setter), let own = nearest.own(way.setter).first else { return "" }
        let lost = nearest.above.first { above in
            above.own(way.setter).contains { $0.arguments.last?.hasPrefix("$postern_") == true }
        }
        guard let lost,
            let line = lost.own(way.setter).first(where: { $0.arguments.last?.hasPrefix("$postern_") == true })
        else { return "" }
        return ": what the \(lost.title) sets (\(line.place)) is dropped, because \(nearest.title) has a \(way.setter) "
            + "of its own (\(own.place))"
    }

    /// The check runs before the cache is asked, but what is in the cache was made for somebody.
    private func cached(_ level: NginxLevel, _ way: Way) -> Finding? {
        let kind = way.handler.dropLast("_pass".count)
        guard let cache = level.inForce("\(kind)_cache").last, cache.value != "off", !gate.passesToPostern(level),
            gate.check(level, in: server) != nil,
            level.inForce("\(kind)_cache_key").last?.text.contains("$postern_user") != true
        else { return nil }
        return .nginx(
            .warn, server,
            "protected \(level.reference): \"\(cache.text)\" (\(cache.place)): a page that was made for one user is shown "
                + "to all",
            cure: "\(kind)_cache off; or $postern_user in \(kind)_cache_key")
    }

    /// PHP reads "Remote.User" as HTTP_REMOTE_USER, and no parameter of nginx keeps that away.
    private var spellings: [Finding] {
        guard let directive = server.level.inForce("ignore_invalid_headers").last, directive.value == "off" else {
            return []
        }
        return [
            .nginx(
                .warn, server,
                "ignore_invalid_headers off (\(directive.place)): a client's \"Remote.User\" reaches applications that "
                    + "read it as Remote-User",
                cure: "take it out")
        ]
    }
}

extension NginxIdentity.Way {
    /// No snippet is shipped for it.
    var isForOther: Bool { handler != "fastcgi_pass" && handler != "proxy_pass" }
}

extension NginxLevel {
    /// An internal location still passes on what the client sent.
    fileprivate var isShutWithoutInternal: Bool { isShut && !isInternal }
}

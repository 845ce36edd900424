/// Paths that look protected and are not: another location, or another server, answers them.
struct NginxCoverage {
    let gate: NginxGate
    let server: NginxServer

    var findings: [Finding] { answered + beaten + overtaken + beside + slashes + elsewhere + certificates }

    /// Locations with an auth_request line of their own.
    private var guarded: [(level: NginxLevel, name: NginxLocationName, check: NginxGate.Check)] {
        server.level.all.compactMap { level in
            guard let name = level.location, let check = gate.check(level, in: server), check.level === level else {
                return nil
            }
            return (level, name, check)
        }
    }

    /// For one location and one expression: a large configuration has thousands of such pairs.
    private static let mostPaths = 16

    // MARK: Regular expressions

    /// `location ~ \.php$` beside `location /wp-admin/`.
    private var beaten: [Finding] {
        let patterns = server.level.all.filter { $0.location?.isPattern == true }
        // No expression comes after "^~", unless a location around it lets one.
        let open = guarded.filter {
            $0.name.modifier == .prefix || ($0.name.isPrefix && $0.level.parent?.location != nil)
        }
        return open.flatMap { level, name, check in
            patterns.filter { !level.contains($0) }.compactMap { pattern in
                beaten(level, name, check, by: pattern)
            }
        }
    }

    private func beaten(
        _ level: NginxLevel, _ name: NginxLocationName, _ check: NginxGate.Check, by pattern: NginxLevel
    ) -> Finding? {
        guard let expression = pattern.location?.pattern else { return unknown(level, name, by: pattern) }
        return missed(NginxCoverage.paths(below: name.name, for: expression), level, check, by: pattern).map {
            .nginx(
                .fail, server, $0,
                cure: "\"location ^~ \(name.name)\", with a \"\(pattern.title)\" of its own inside where one is needed "
                    + "(examples/nginx/php.conf)")
        }
    }

    /// `location ~ \.php$` above `location ~ ^/admin/`: the first expression that matches wins.
    private var overtaken: [Finding] {
        let patterns = server.level.all.filter { $0.location?.isPattern == true }
        return guarded.filter { $0.name.isPattern }.flatMap { level, name, check in
            patterns.filter { !level.contains($0) && !$0.contains(level) }.compactMap { pattern in
                guard let own = name.pattern, let other = pattern.location?.pattern else { return nil }
                let paths = NginxCoverage.paths(of: own, and: other)
                return missed(paths, level, check, by: pattern).map {
                    .nginx(
                        .fail, server, $0,
                        cure:
                            "\(level.reference) before it, with a \"\(pattern.title)\" of its own inside where one is "
                            + "needed, or auth_request \(check.path); there too")
                }
            }
        }
    }

    /// The first of these paths that `pattern` answers with less than what `level` asks for.
    private func missed(_ paths: [String], _ level: NginxLevel, _ check: NginxGate.Check, by pattern: NginxLevel)
        -> String?
    {
        for path in paths {
            guard let answering = NginxMatch.find(path, in: server.level).level, pattern.contains(answering),
                !level.contains(answering), !mayAnswer(answering, path, level)
            else { continue }
            let other = gate.check(answering, in: server)
            guard other?.path != check.path, !isOrdered(level, check, before: other) else { continue }
            let instead = other.map { "another check runs (\($0.path), not \(check.path))" } ?? "no check runs"
            return "\(path) is answered by \(answering.reference), not by \(level.reference): \(instead)"
        }
        return nil
    }

    /// Of two expressions that are both checked the first one is meant to win, unless less is asked there.
    private func isOrdered(_ level: NginxLevel, _ check: NginxGate.Check, before other: NginxGate.Check?) -> Bool {
        guard level.location?.isPattern == true, let other else { return false }
        return !Set(other.path.split(separator: "/")).isSubset(of: check.path.split(separator: "/"))
    }

    /// Where an open answer is meant so.
    private func mayAnswer(_ answering: NginxLevel, _ path: String, _ level: NginxLevel) -> Bool {
        // "auth_request off" beside a protected "/" can only mean: all but this; and before an expression, the same.
        let isWide = level.location.map { $0.name == "/" || $0.isPattern } ?? false
        let isException = isWide && answering.own("auth_request").first?.value == "off"
        return answering.isShut || gate.passesToPostern(answering) || isException || path.hasPrefix("/.well-known/")
    }

    private func unknown(_ level: NginxLevel, _ name: NginxLocationName, by pattern: NginxLevel) -> Finding? {
        guard case .unknown(let found) = NginxMatch.find(name.name + "x", in: server.level), found === pattern,
            gate.check(pattern, in: server) == nil, !pattern.isShut
        else { return nil }
        return .nginx(
            .warn, server,
            "\(pattern.reference) has an expression that is not understood here: whether it answers paths of "
                + "\(level.reference), unchecked, is to be seen by hand",
            cure: "\"location ^~ \(name.name)\": then no expression can")
    }

    /// Paths below a prefix that an expression is likely to match.
    private static func paths(below prefix: String, for pattern: NginxPattern) -> [String] {
        let folder = prefix.hasSuffix("/") ? prefix : prefix + "/"
        let made = pattern.samples.flatMap { sample -> [String] in
            let tail = String(sample.drop { $0 == "/" })
            return [sample, folder + "x" + sample, folder + tail, folder + "x/" + tail, prefix + tail]
        }
        let all = made + [folder + "x", folder + "index.php", folder]
        let matching = all.lazy.filter { $0.utf8.starts(with: prefix.utf8) && pattern.matches($0) == true }
        return Array(matching.prefix(mostPaths))
    }

    /// Paths that two expressions are both likely to match.
    private static func paths(of own: NginxPattern, and other: NginxPattern) -> [String] {
        let made = own.samples.prefix(mostPaths).lazy.flatMap { first in
            other.samples.prefix(mostPaths).flatMap { second in
                let tail = String(second.drop { $0 == "/" })
                return [first + "x" + second, first + "/" + tail, second + "x" + first, first + second, first, second]
            }
        }
        let matching = made.map { $0.hasPrefix("/") ? $0 : "/x" + $0 }
            .filter { own.matches($0) == true && other.matches($0) == true }
        return Array(matching.prefix(mostPaths))
    }

    // MARK: Other locations

    /// A `return` of the server is the answer to every request, whatever its locations ask.
    private var answered: [Finding] {
        guard let line = server.level.returned, line.value.hasPrefix("2"), !guarded.isEmpty else { return [] }
        return [
            .nginx(
                .fail, server, "\"\(line.text)\" (\(line.place)) answers every request, and no location is asked",
                cure: "put it into a location")
        ]
    }

    /// `location /internal/static/` beside `location /internal/`: locations side by side inherit nothing of each other.
    private var beside: [Finding] {
        server.level.all.compactMap { level in
            guard let name = level.location, name.isPrefix, gate.check(level, in: server) == nil,
                !isMeantOpen(level, name),
                let shorter = guarded.last(where: { $0.name.isPrefix && name.name.utf8.starts(with: $0.name.name.utf8) }
                )
            else { return nil }
            return .nginx(
                .warn, server,
                "\(level.reference) is open below the protected \(shorter.level.reference): locations side by side inherit "
                    + "nothing from each other",
                cure: "auth_request \(shorter.check.path); there, or auth_request off; where it is meant so")
        }
    }

    private func isMeantOpen(_ level: NginxLevel, _ name: NginxLocationName) -> Bool {
        let isSaid = !level.inForce("auth_request").isEmpty
        return isSaid || level.isShut || level.returned != nil || gate.passesToPostern(level)
            || name.name.hasPrefix("/.well-known/")
    }

    // MARK: Other ways to the same file

    private var slashes: [Finding] {
        guard server.level.inForce("merge_slashes").last?.value == "off", let first = guarded.first else { return [] }
        return [
            .nginx(
                .fail, server,
                "merge_slashes off (\(server.level.inForce("merge_slashes")[0].place)): /\(first.name.name) is not "
                    + "answered by \(first.level.reference): no check runs",
                cure: "take it out, or auth_request at the level of the server")
        ]
    }

    /// The same name and the same files in another server block, most often the one on port 80.
    private var elsewhere: [Finding] {
        let names = Set(server.names.filter { !$0.isEmpty && $0 != "_" })
        let others = gate.configuration.servers.filter {
            $0.level !== server.level && !names.isDisjoint(with: $0.names)
        }
        let levels = guarded.filter { !$0.name.isPattern }.map { ($0.level, $0.name.name) }
        let whole = gate.check(server.level, in: server) == nil ? [] : [(server.level, "/")]
        return others.flatMap { other in
            (whole + levels).compactMap { level, path in elsewhere(level, path, in: other) }.prefix(1)
        }
    }

    private func elsewhere(_ level: NginxLevel, _ path: String, in other: NginxServer) -> Finding? {
        guard other.level.returned == nil, other.level.own("rewrite").isEmpty,
            let answering = NginxMatch.find(path, in: other.level).level, gate.check(answering, in: other) == nil,
            answering.returned == nil, !answering.isShut, answering.own("rewrite").isEmpty,
            NginxCoverage.source(answering) != nil, NginxCoverage.source(answering) == NginxCoverage.source(level)
        else { return nil }
        return .nginx(
            .fail, server,
            "\(path) is checked by \(level.reference), and open in another server of this name (\(other.level.place)), "
                + "which answers from the same place",
            cure:
                "include snippets/postern.conf; and the same auth_request there, or: return 308 https://$host$request_uri;"
        )
    }

    /// Where the answers of a level come from: the program, else the folder.
    static func source(_ level: NginxLevel) -> String? {
        let pass = NginxLevel.handlers.compactMap { level.handler($0) }.first
        return (pass ?? level.inForce("alias").first ?? level.inForce("root").first)?.value
    }

    // MARK: Certificates

    /// HTTP-01 (RFC 8555, section 8.3) begins on port 80 without a credential.
    private var certificates: [Finding] {
        let path = "/.well-known/acme-challenge/x"
        guard let level = NginxMatch.find(path, in: server.level).level, gate.check(level, in: server) != nil,
            level.returned == nil, !level.isShut, isReachedFromPort80(path)
        else { return [] }
        return [
            .nginx(
                .warn, server,
                "/.well-known/acme-challenge/ asks for a login (\(level.reference)): certbot --webroot will fail",
                cure: "location ^~ /.well-known/acme-challenge/ { auth_request off; }")
        ]
    }

    private func isReachedFromPort80(_ path: String) -> Bool {
        let name = server.names.first ?? ""
        guard let first = gate.configuration.server(named: name, port: 80) else { return false }
        if first.level === server.level { return true }
        guard first.names.contains(name) else { return false }
        let answering = NginxMatch.find(path, in: first.level).level
        let returned = first.level.returned ?? answering?.returned
        return returned?.arguments.contains { $0.hasPrefix("https://") } ?? false
    }
}

extension NginxLevel {
    /// Whether it is this level or stands in it.
    func contains(_ other: NginxLevel) -> Bool { self === other || other.above.contains { $0 === self } }
}

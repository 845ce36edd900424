import Service

/// The locations that pass to Postern: the check itself, refusals, pages, the API.
struct NginxDoors {
    let gate: NginxGate

    var findings: [Finding] {
        gate.configuration.servers.flatMap { server in
            let doors = server.level.all.filter { !$0.own("fastcgi_pass").isEmpty && gate.passesToPostern($0) }
            return doors.flatMap { twice($0, server) + peer($0, server) + kept($0, server) + role($0, server) }
                + checks(server)
        }
    }

    private func parameter(_ level: NginxLevel, _ name: String) -> String? {
        level.values("fastcgi_param")[name.lowercased()]?.arguments[1]
    }

    // MARK: The check

    private func checks(_ server: NginxServer) -> [Finding] {
        let lines = server.level.all.compactMap { gate.check($0, in: server) }
        guard let first = lines.first else { return [] }
        let words = requirements(lines, server)
        guard let target = NginxMatch.find(first.path, in: server.level).level, gate.passesToPostern(target) else {
            return words + [
                .nginx(
                    .fail, server,
                    "\"\(first.directive.text)\" (\(first.directive.place)) is not answered by Postern in this server: "
                        + "whoever asks gets a 500, or another location's answer opens the door",
                    cure: "include snippets/postern.conf; in this server")
            ]
        }
        return words + body(target, server) + answers(target, server)
            + NginxRewrites(server: server).findings(first.path)
    }

    private func requirements(_ checks: [NginxGate.Check], _ server: NginxServer) -> [Finding] {
        var seen: Set<NginxPlace> = []
        return checks.filter { seen.insert($0.directive.place).inserted }.compactMap { check in
            guard let fault = RequirementCheck.fault(check.path, gate.settings) else { return nil }
            return .nginx(
                .fail, server,
                "\(check.level.reference): \"\(fault.word)\": \(fault.reason): refused with 403",
                cure: "correct \"\(check.directive.text)\" (\(check.directive.place)); docs/nginx.md has the words")
        }
    }

    private func body(_ level: NginxLevel, _ server: NginxServer) -> [Finding] {
        let isSent = level.inForce("fastcgi_pass_request_body").last?.value != "off"
        let length = parameter(level, "CONTENT_LENGTH") ?? ""
        guard isSent || !length.isEmpty else { return [] }
        let what = isSent ? "fastcgi_pass_request_body is not off" : "CONTENT_LENGTH is \(length)"
        return [
            .nginx(
                .fail, server,
                "\(level.reference): \(what): the check is sent a body, or waits for one, and every upload fails",
                cure:
                    "fastcgi_pass_request_body off; and fastcgi_param CONTENT_LENGTH \"\"; as in snippets/postern.conf")
        ]
    }

    /// What could make a yes of something that Postern did not say.
    private func answers(_ level: NginxLevel, _ server: NginxServer) -> [Finding] {
        var faults: [(String, String)] = []
        if let cache = level.inForce("fastcgi_cache").last, cache.value != "off" {
            faults.append(("fastcgi_cache (\(cache.place)): one user's yes becomes everybody's", "fastcgi_cache off;"))
        }
        // In /proc nothing can be stored; it only makes nginx read an answer to its end.
        if let store = level.inForce("fastcgi_store").last, store.value != "off", !store.value.hasPrefix("/proc/") {
            faults.append(("fastcgi_store (\(store.place)): a stored answer is a yes", "fastcgi_store off;"))
        }
        if let errors = level.inForce("fastcgi_intercept_errors").last, errors.value == "on" {
            faults.append(
                (
                    "fastcgi_intercept_errors (\(errors.place)): a page of the site is a yes",
                    "fastcgi_intercept_errors off;"
                ))
        }
        if let page = NginxErrorPages(gate: gate, server: server).yes(level) {
            faults.append(
                (
                    "\"\(page.line.text)\" (\(page.line.place)): when Postern is away, that page is a yes",
                    "error_page 599 = @postern_away;"
                ))
        }
        if !level.isInternal {
            faults.append(("it is not internal: strangers may ask it as often as they like", "internal;"))
        }
        return faults.map { fault, cure in
            .nginx(
                fault.hasPrefix("it is") ? .warn : .fail, server, "\(level.reference), the check: \(fault)",
                cure: "\(cure) there, as in snippets/postern.conf")
        }
    }

    private func isCheck(_ level: NginxLevel) -> Bool { level.location?.name.hasPrefix(NginxGate.path) == true }

    // MARK: Every door

    private func role(_ level: NginxLevel, _ server: NginxServer) -> [Finding] {
        let role = parameter(level, "POSTERN_ROLE")
        let isCheck = isCheck(level)
        guard role == nil || (isCheck && role != "check") else { return [] }
        return [
            .nginx(
                .fail, server,
                "\(level.reference) passes to Postern " + (role.map { "as role \"\($0)\"" } ?? "without a POSTERN_ROLE")
                    + (isCheck ? ": what opens a page there opens every protected location" : ": refused"),
                cure: "fastcgi_param POSTERN_ROLE \(isCheck ? "check" : "api");")
        ]
    }

    private func twice(_ level: NginxLevel, _ server: NginxServer) -> [Finding] {
        let names = Dictionary(grouping: level.inForce("fastcgi_param"), by: \.value).filter { $0.value.count > 1 }
        guard let (name, lines) = names.min(by: { $0.key < $1.key }), let last = lines.last else { return [] }
        let others = names.count > 1 ? ", and \(names.count - 1) more" : ""
        return [
            .nginx(
                .fail, server,
                "\(level.reference) sends \(name) twice (\(lines[0].place), \(last.place))\(others): Postern closes such "
                    + "requests unanswered",
                cure: "no fastcgi_params or fastcgi.conf beside snippets/postern-params.conf")
        ]
    }

    /// The value is never shown.
    private func peer(_ level: NginxLevel, _ server: NginxServer) -> [Finding] {
        guard !gate.settings.service.peerSecretFile.isEmpty else { return [] }
        if let secret = parameter(level, "POSTERN_PEER") {
            guard PeerSecretCheck.isRight(secret, gate.settings) == false else { return [] }
            return [
                .nginx(
                    .fail, server,
                    "\(level.reference) sends another peer secret than that of service.peer_secret_file: everything there "
                        + "is 403",
                    cure: "postern setup; systemctl reload nginx")
            ]
        }
        return [
            .nginx(
                .fail, server,
                "\(level.reference) does not send the peer secret that service.peer_secret_file asks for: everything "
                    + "there is 403",
                cure: "postern setup; and include snippets/postern-params.conf; in that location")
        ]
    }

    private func kept(_ level: NginxLevel, _ server: NginxServer) -> [Finding] {
        guard let pass = level.own("fastcgi_pass").last,
            let upstream = gate.configuration.upstreams(pass.value).first(where: { $0.keepalive != nil }),
            let keepalive = upstream.keepalive
        else { return [] }
        let line = "keepalive of upstream \(upstream.name) (\(keepalive.place))"
        if !level.isOn("fastcgi_keep_conn") {
            return [
                .nginx(
                    .warn, server,
                    "\(level.reference): \(line) cannot help: without fastcgi_keep_conn on every connection is closed",
                    cure: "include snippets/postern-params.conf; in that location")
            ]
        }
        guard !pass.value.hasPrefix("$") else { return [] }
        if isCheck(level) {
            guard !["fastcgi_store", "fastcgi_cache"].contains(where: { level.isSet($0) }) else { return [] }
            return [
                .nginx(
                    .warn, server,
                    "\(level.reference): \(line) cannot help: nginx is done with a check before its end has come, and "
                        + "keeps no such connection",
                    cure: "fastcgi_store /proc/nowhere; as in snippets/postern.conf")
            ]
        }
        return [
            .nginx(
                .warn, server,
                "\(level.reference) passes every method to \(upstream.name), which keeps connections: a POST on one that "
                    + "a worker closes at that moment is a 502",
                cure: "fastcgi_pass $postern_upstream;")
        ]
    }
}

extension NginxLevel {
    fileprivate func isSet(_ name: String) -> Bool { inForce(name).last.map { $0.value != "off" } ?? false }
}

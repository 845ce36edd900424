/// Whether nginx runs on the files of this release: by the lines that this release needs, so that a comment of the
/// sysadmin's own is no fault. A test reads the shipped files against it.
struct NginxRelease {
    let gate: NginxGate

    var findings: [Finding] {
        var files: [String: [String]] = [:]
        func need(_ isThere: Bool, _ what: String, in place: NginxPlace) {
            if !isThere, files[place.file]?.contains(what) != true { files[place.file, default: []].append(what) }
        }
        for server in gate.guardedServers {
            guard let check = door(server) else { continue }
            let variables = Set(server.level.inForce("auth_request_set").map(\.value))
            for name in NginxRelease.variables {
                need(variables.contains(name), "auth_request_set \(name)", in: check.place)
            }
            for name in NginxRelease.locations {
                need(server.level.locations.contains { $0.title == name }, name, in: check.place)
            }
            need(
                server.level.conditions.contains { $0.title.contains("^/postern/") }, "if ($uri ~ ^/postern/)",
                in: check.place)
            need(check.all.contains { !$0.own("error_page").isEmpty }, "error_page 599", in: check.place)
            let away = server.level.locations.first { $0.location?.name == "@postern_away" }
            need(
                away?.own("add_header").contains { $0.value == "Proxy-Status" } != false, "add_header Proxy-Status",
                in: check.place)
            let stores = check.all.contains { $0.own("fastcgi_store").contains { $0.value.hasPrefix("/proc/") } }
            need(stores, "fastcgi_store /proc/nowhere", in: check.place)
            let parameters = check.inForce("fastcgi_param")
            guard let place = parameters.first(where: { $0.value == "REQUEST_METHOD" })?.place else { continue }
            let names = Set(parameters.map(\.value))
            for name in NginxRelease.parameters { need(names.contains(name), "fastcgi_param \(name)", in: place) }
            for name in NginxRelease.switches { need(check.levelOf(name) === check, name, in: place) }
        }
        if let upstream = gate.configuration.upstreams.first(where: { $0.name == "postern_once" }) {
            for name in NginxRelease.maps {
                need(gate.configuration.maps[name] != nil, "map … \(name)", in: upstream.place)
            }
        }
        return files.sorted { $0.key < $1.key }.map { file, missing in
            .nginx(
                .warn, nil, "\(file) is not that of this release: it lacks \(NginxRelease.list(missing))",
                cure: "take the file of the package (\(file).dpkg-dist where you kept yours), systemctl reload nginx")
        }
    }

    private func door(_ server: NginxServer) -> NginxLevel? {
        server.level.locations.first {
            $0.location?.name == NginxGate.path && $0.all.contains(where: gate.passesToWorkers)
        }
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", and \(names.count - 3) more" : "")
    }

    private static let variables = [
        "status", "detail", "user", "email", "name", "groups", "scopes", "check", "auth_type", "ratelimit",
        "ratelimit_policy",
    ].map { "$postern_" + $0 }

    private static let locations = ["location ^~ /postern/", "location @postern_denied", "location @postern_away"]

    private static let parameters = [
        "REQUEST_METHOD", "REQUEST_SCHEME", "HTTPS", "HTTP_HOST", "DOCUMENT_URI", "REQUEST_URI", "QUERY_STRING",
        "CONTENT_TYPE", "REMOTE_ADDR", "REQUEST_ID", "HTTP_PROXY",
    ]

    private static let switches = [
        "fastcgi_cache", "fastcgi_store", "fastcgi_intercept_errors", "fastcgi_ignore_headers",
        "fastcgi_pass_request_headers",
    ]

    private static let maps = ["$postern_upstream", "$postern_auth_type_of_check"]
}

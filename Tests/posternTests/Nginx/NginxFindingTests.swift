import Service
import System
import Testing

@testable import postern

@Suite("Holes in nginx's configuration")
struct NginxFindingTests {
    @Test("Each is named with file and line, and mended it is not", arguments: coverage + identity + refusals)
    func holes(hole: Hole) throws {
        let faults = try NginxFixture(server: Self.gate + hole.open).faults()
        let found = faults.filter { $0.detail.contains(hole.detail) }
        #expect(found.count == 1, "\(faults.map(\.text).joined())")
        #expect(found.first?.state == hole.state)
        #expect(found.first?.cure?.isEmpty == false)
        #expect(faults.count == 1, "\(faults.map(\.text).joined())")
        let rest = try NginxFixture(server: Self.gate + hole.mended).faults()
        #expect(rest.isEmpty, "\(rest.map(\.text).joined())")
    }

    @Test(
        "Where an error page of a refusal leads: to the same content, or to a page for it",
        arguments: [
            ("403 @content; location @content { try_files $uri =404; }", true),
            ("500 = /open$uri; location /open/ { }", true),
            ("401 = /open$uri; location /open/ { auth_request /postern/auth; }", false),
            ("401 = /login?back=$request_uri", false), ("401 = @login; location @login { return 302 /login; }", false),
            ("401 = @login; location @login { try_files /login.html =404; }", false),
            ("401 = @login; location @login { rewrite ^ /login.html break; }", false),
            ("401 = @login; location @login { root /srv/login; }", false),
            ("401 @deny; location @deny { deny all; }", false),
        ])
    func targets(words: String, isShown: Bool) throws {
        let parts = words.split(separator: "; ", maxSplits: 1)
        let server =
            "location /a/ { auth_request /postern/auth; error_page \(parts[0]); } \(parts.dropFirst().joined())"
        let faults = try NginxFixture(server: Self.gate + server).faults().filter {
            $0.detail.contains("\"location /a/\"")
        }
        #expect(faults.map(\.state) == [isShown ? .fail : .warn], "\(faults.map(\.text).joined())")
        #expect(faults.first?.detail.contains("shows the same content") == isShown)
    }

    @Test("A page for dead programs above the snippet hides that Postern is away, one below does not")
    func away() throws {
        let (page, location) = (
            "error_page 500 502 503 504 /50x.html;\n", "location /a/ { auth_request /postern/auth; }"
        )
        let faults = try NginxFixture(server: page + Self.gate + location).faults()
        #expect(faults.map(\.state) == [.warn], "\(faults.map(\.text).joined())")
        #expect(faults.first?.detail.contains("(shop.conf:3) hides Postern's answer for 500") == true)
        #expect(try NginxFixture(server: Self.gate + page + location).faults().isEmpty)
    }

    @Test("A server without the snippet, a port 80 that serves the same files")
    func otherServers() throws {
        let without = try NginxFixture(server: "location /a/ { auth_request /postern/auth; }", http: Self.other)
            .faults()
        #expect(
            without.contains { $0.state == .fail && $0.detail.contains("is not answered by Postern in this server") })

        let open = "server { listen 80; server_name shop.example.com; root /srv/shop; }"
        let location = Self.gate + "location /a/ { auth_request /postern/auth; }"
        let twice = try NginxFixture(server: location, http: open).faults()
        #expect(twice.count == 1 && twice[0].state == .fail)
        #expect(twice[0].detail.contains("open in another server of this name (shop.conf:1)"))
        for mended in ["root /srv/else;", "root /srv/shop; return 301 https://$host$request_uri;"] {
            let http = "server { listen 80; server_name shop.example.com; \(mended) }"
            #expect(try NginxFixture(server: location, http: http).faults().isEmpty)
        }
    }

    private static let other =
        "server { listen 81; server_name other; include snippets/postern.conf; auth_request /postern/auth; }"

    @Test("A port 80 that redirects everything sends certbot to a login")
    func redirected() throws {
        let server = Self.gate + "auth_request /postern/auth;"
        func faults(_ more: String) throws -> [Finding] {
            let http = "server { listen 80; server_name shop.example.com; \(more) }"
            return try NginxFixture(server: server, http: http).faults()
        }
        let acme = "location ^~ /.well-known/acme-challenge/ { root /srv/x; }"
        let redirect = "location / { return 301 https://$host$request_uri; }"
        #expect(try faults(redirect).count == 1)
        #expect(try faults(redirect + acme).isEmpty)
    }

    @Test("A return of the server answers before any location is asked")
    func returned() throws {
        let location = "location /a/ { auth_request /postern/auth; }"
        let faults = try NginxFixture(server: Self.gate + location + "return 200 yes;").faults()
        #expect(faults.count == 1 && faults[0].detail.contains("answers every request"))
        #expect(try NginxFixture(server: Self.gate + location + "return 404;").faults().isEmpty)
    }

    @Test("A rewrite before the snippet leads the check elsewhere, one behind it does not")
    func rewrites() throws {
        let location = "location /a/ { auth_request /postern/auth; }"
        for line in ["rewrite ^ /index.php last;", "if ($host) { rewrite ^/(.*)$ /$1.php; }"] {
            let faults = try NginxFixture(server: line + Self.gate + location).faults()
            #expect(faults.contains { $0.detail.contains("leads the check (/postern/auth)") }, "\(line)")
            #expect(try NginxFixture(server: Self.gate + line + location).faults().isEmpty)
        }
        for line in [
            "rewrite ^/old$ /new last;", "rewrite ^ https://$host/ permanent;", "if ($host) { return 301 /x; }",
        ] {
            #expect(try NginxFixture(server: line + Self.gate + location).faults().isEmpty, "\(line)")
        }
    }

    // MARK: The locations that pass to Postern

    private static let protected = gate + "location /a/ { auth_request /postern/auth; }"

    private func faults(_ file: String, _ old: String, _ new: String) throws -> [Finding] {
        let shipped = try NginxFixture.shipped("nginx/" + file)
        try #require(shipped.contains(old))
        let fixture = NginxFixture(server: Self.protected) { $0 == file ? $1.replacing(old, with: new) : $1 }
        return try fixture.faults()
    }

    @Test(
        "A check that could open by mistake",
        arguments: [
            (
                "fastcgi_pass_request_body off;\n    client", "client",
                "fastcgi_pass_request_body is not off: the check is sent a body"
            ),
            (
                "CONTENT_LENGTH \"\";               # a check", "CONTENT_LENGTH $content_length; #",
                "CONTENT_LENGTH is $content_length"
            ),
            ("POSTERN_ROLE   check", "POSTERN_ROLE page", "as role \"page\": what opens a page there opens every"),
            ("    internal; ", "    ", "it is not internal"),
            ("fastcgi_store /proc/nowhere;", "", "cannot help: nginx is done with a check before"),
            ("fastcgi_store /proc/nowhere;", "fastcgi_store on;", "a stored answer is a yes"),
        ])
    func check(old: String, new: String, detail: String) throws {
        let all = try faults("snippets/postern.conf", old, new)
        // That a line of the release is missing is told as well.
        let faults = all.filter { !$0.detail.contains("is not that of this release") }
        #expect(faults.count == 1 && faults[0].detail.contains(detail), "\(all.map(\.text).joined())")
    }

    @Test(
        "A site's own FastCGI lines in the check",
        arguments: [
            ("fastcgi_cache             off", "fastcgi_cache zone", "one user's yes becomes everybody's"),
            ("fastcgi_intercept_errors  off", "fastcgi_intercept_errors on", "a page of the site is a yes"),
        ])
    func inherited(old: String, new: String, detail: String) throws {
        let faults = try faults("snippets/postern-params.conf", old, new)
        #expect(faults.count == 1 && faults[0].detail.contains(detail), "\(faults.map(\.text).joined())")
    }

    @Test(
        "A page of the site in the check's place, which inherits it where it has none of its own",
        arguments: [
            ("error_page 502 =200 /maintenance.html;", true), ("error_page 500 502 = /maintenance.php;", true),
            ("error_page 502 = @away; location @away { }", true),
            ("error_page 502 =204 @away; location @away { return 503; }", true),
            ("error_page 502 = @away; location @away { return 503; }", false),
            ("error_page 500 502 503 504 /50x.html;", false), ("error_page 502 =503 /maintenance.html;", false),
        ])
    func inheritedPage(line: String, isOpen: Bool) throws {
        let check = """
            location ^~ /check { internal; include snippets/postern-params.conf; fastcgi_param POSTERN_ROLE check;
                fastcgi_param CONTENT_LENGTH ""; fastcgi_pass_request_body off; fastcgi_pass postern_once;
            """
        func named(_ guarded: String) throws -> [Finding] {
            try NginxFixture(server: "\(line) location /a/ { auth_request /check; } \(check) \(guarded) }").faults()
                .filter { $0.detail.contains("that page is a yes") }
        }
        #expect(try named("").map(\.state) == (isOpen ? [.fail] : []))
        #expect(try named("error_page 599 = /x;").isEmpty)
    }

    @Test("A keepalive without kept connections, and a kept upstream for every method")
    func keepalive() throws {
        let door = "location /x { fastcgi_param POSTERN_ROLE api; fastcgi_param CONTENT_LENGTH $content_length;"
        let params = "include snippets/postern-params.conf;"
        func faults(_ rest: String) throws -> [String] {
            try NginxFixture(server: door + rest + "}").faults().map(\.detail)
        }
        #expect(try faults(params + "fastcgi_pass $postern_upstream;").isEmpty)
        #expect(try faults("fastcgi_pass $postern_upstream;")[0].contains("cannot help: without fastcgi_keep_conn on"))
        #expect(try faults(params + "fastcgi_pass postern_kept;")[0].contains("passes every method to postern_kept"))
    }

    @Test("fastcgi_params beside postern-params, and a role that is missing")
    func twice() throws {
        let head = "location /x { include snippets/postern-params.conf; include fastcgi.conf;"
        let tail = "fastcgi_pass $postern_upstream; }"
        let faults = try NginxFixture(server: head + "fastcgi_param POSTERN_ROLE api;" + tail).faults()
        #expect(faults.count == 1)
        #expect(faults[0].detail.contains("sends QUERY_STRING twice (snippets/postern-params.conf:"))
        #expect(faults[0].detail.contains("fastcgi.conf:2), and 1 more"))
        let role = try NginxFixture(server: "location /x { include snippets/postern-params.conf; \(tail)").faults()
        #expect(role.count == 1 && role[0].detail.contains("without a POSTERN_ROLE"))
    }

    @Test("A peer secret that nginx does not send is named, one that it sends is never shown")
    func peer() throws {
        var fixture = NginxFixture(server: Self.protected)
        fixture.settings.service.peerSecretFile = "/etc/postern/peer.secret"
        let missing = try fixture.faults()
        #expect(missing.count >= 3 && missing.allSatisfy { $0.detail.contains("does not send the peer secret") })
        fixture.change = { file, text in
            file.hasSuffix("params.conf") ? text + "fastcgi_param POSTERN_PEER \"0123456789secret\";\n" : text
        }
        // It cannot be compared where the file cannot be read.
        #expect(try fixture.faults().isEmpty)
        let file = "/dev/shm/postern-tests-\(UInt64.random(in: 0...UInt64.max)).secret"
        defer { try? Files.remove(file) }
        fixture.settings.service.peerSecretFile = file
        try Files.replace(file, with: Array("0123456789secret\n".utf8), mode: 0o640)
        #expect(try fixture.faults().isEmpty)
        try Files.replace(file, with: Array("another than that\n".utf8), mode: 0o640)
        let other = try fixture.faults()
        #expect(other.count >= 3 && other.allSatisfy { $0.detail.contains("sends another peer secret than") })
        try Files.replace(file, with: Array("0123456789secret\n".utf8), mode: 0o640)
        // Also where something else about it is wrong.
        fixture.change = { file, text in
            let line = "fastcgi_param POSTERN_PEER \"0123456789secret\";\n"
            return file.hasSuffix("params.conf") ? text + line + line : text
        }
        let findings = try fixture.findings()
        #expect(findings.contains { $0.detail.contains("sends POSTERN_PEER twice") })
        #expect(!findings.contains { $0.text.contains("0123456789secret") })
    }

    // MARK: All in all

    @Test(
        "Snippets that lack a line of this release are told, each file once",
        arguments: [
            (
                "snippets/postern.conf", "auth_request_set $postern_ratelimit_policy $upstream_http_ratelimit_policy;",
                "$postern_ratelimit_policy"
            ),
            ("snippets/postern.conf", "if ($uri ~ ^/postern/) { break; }", "if ($uri ~ ^/postern/)"),
            (
                "snippets/postern.conf",
                "error_page 599 = @postern_away;                # never happens; but with a list of its own it does not "
                    + "inherit the", "error_page 599"
            ),
            ("snippets/postern-params.conf", "fastcgi_cache             off;", "fastcgi_cache"),
            ("snippets/postern-params.conf", "fastcgi_param HTTP_PROXY      \"\";", "fastcgi_param HTTP_PROXY"),
        ])
    func release(file: String, line: String, name: String) throws {
        let faults = try faults(file, line, "")
        #expect(faults.count == 1, "\(faults.map(\.text).joined())")
        #expect(faults.first?.detail.hasPrefix("/etc/nginx/\(file) is not that of this release: it lacks ") == true)
        #expect(faults.first?.detail.contains(name) == true)
    }

    @Test("A clean one is told in one line")
    func clean() throws {
        let findings = try NginxFixture(server: Self.protected).findings()
        #expect(findings == [.ok("nginx", "1.22.1 · conf.d/postern.conf · snippets of this release")])
    }

    @Test("Without a location for Postern that is all there is to say")
    func nothing() throws {
        let findings = try NginxFixture(server: "location / { }").findings()
        #expect(findings.count == 1 && findings[0].state == .warn)
        #expect(findings[0].detail.contains("no location passes to /run/postern/postern.sock"))
    }

    @Test("The shipped examples have no finding", arguments: ["api", "php", "proxy", "site", "websocket", "wordpress"])
    func examples(name: String) throws {
        let example = try NginxFixture.shipped("docs/examples/nginx/\(name).conf")
        let faults = try NginxFixture(http: example, head: "listen 9; server_name none;").faults()
        #expect(faults.isEmpty, "\(faults.map(\.text).joined())")
    }

    @Test("Postern as a CGI program is Postern too")
    func commonGateway() throws {
        var fixture = NginxFixture(
            http: try NginxFixture.shipped("docs/examples/cgi/postern.conf"), head: "listen 9; server_name none;")
        fixture.settings.limits.named["internal"] = fixture.settings.limits.named["downloads"]
        let findings = try fixture.findings()
        #expect(findings.map(\.state) == [.ok], "\(findings.map(\.text).joined())")
    }

    @Test("No shipped example is left out")
    func allExamples() throws {
        let names = try Files.list(NginxFixture.root + "/docs/examples/nginx").filter { $0.hasSuffix(".conf") }
        #expect(names == ["api.conf", "php.conf", "proxy.conf", "site.conf", "websocket.conf", "wordpress.conf"])
    }
}

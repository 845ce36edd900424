import System
import Testing

@testable import postern

/// The same question to this reader and to a real nginx, on a socket in a folder of its own.
@Suite("Which location answers")
struct NginxMatchTests {
    private static let locations = #"""
        location / { return 200 "/"; }
        location = / { return 200 "= /"; }
        location /a { return 200 "/a"; }
        location /a/b/ { return 200 "/a/b/"; }
        location ^~ /strong/ { return 200 "^~ /strong/";
            location ~ \.php$ { return 200 "strong php"; }
            location /strong/deep/ { return 200 "/strong/deep/"; }
            location = /strong/exact.php { return 200 "= /strong/exact.php"; }
        }
        location /weak/ { return 200 "/weak/";
            location ~ \.txt$ { return 200 "weak txt"; }
            location ^~ /weak/inner/ { return 200 "^~ /weak/inner/"; }
        }
        location = /exact.php { return 200 "= /exact.php"; }
        location ~ \.php$ { return 200 "php";
            location ~ ^/admin/ { return 200 "admin php"; }
        }
        location ~* \.(JPE?G|png)$ { return 200 "picture"; }
        location ~ ^/(first|second)/ { return 200 "first"; }
        location ~ ^/first/x { return 200 "never"; }
        location ~ /\.(?!well-known) { return 200 "hidden"; }
        location /proxied/ { proxy_pass http://127.0.0.1:1; return 200 "/proxied/"; }
        location /bare { return 200 "/bare"; }
        location =/together { return 200 "= /together"; }
        location ~^/joined$ { return 200 "joined"; }
        location "/with space/" { return 200 "with space"; }
        """#

    /// What the client sends, and what nginx makes of it.
    private static let paths: [(sent: String, path: String)] =
        [
            "/", "/x", "/a", "/ab", "/a/", "/a/b", "/a/b/", "/a/b/c", "/a/b/c.php", "/A/b/", "/strong", "/strong/",
            "/strong/x", "/strong/x.php", "/strong/x.jpg", "/strong/deep/x", "/strong/deep/x.php", "/strong/deep/x.png",
            "/strong/exact.php", "/strong/exact.php/", "/weak/x", "/weak/x.txt", "/weak/x.php", "/weak/x.jpeg",
            "/weak/inner/x",
            "/weak/inner/x.txt", "/weak/inner/x.php", "/exact.php", "/exact.phpx", "/x.php", "/x.PHP", "/admin/x.php",
            "/admin/x",
            "/x.jpg", "/x.JPEG", "/x.PnG", "/x.gif", "/first/x", "/second/y.php", "/third/", "/.git/config",
            "/.well-known/x",
            "/a/.git", "/proxied", "/proxied/", "/proxied/x", "/proxied/x.php", "/bare", "/bareX", "/bare/x.png",
            "/together",
            "/together/", "/joined", "/joined/",
        ].map { ($0, $0) } + [
            ("/a//b/c", "/a/b/c"), ("/a/./b/c", "/a/b/c"), ("/x/../a/b/c", "/a/b/c"), ("/%61/b/c", "/a/b/c"),
            ("/with%20space/x", "/with space/x"), ("/strong/..%2fx.php", "/x.php"), ("//strong/x", "/strong/x"),
        ]

    @Test("As nginx itself finds it, for sixty paths")
    func reality() throws {
        let folder = "/dev/shm/postern-nginx-\(UInt64.random(in: 0...UInt64.max))"
        try Files.makeDirectory(folder, mode: 0o755)
        defer { _ = try? run("/bin/rm", "-rf", folder) }
        let file = folder + "/nginx.conf"
        let text = """
            pid \(folder)/pid; error_log \(folder)/error.log; events { worker_connections 64; }
            http { access_log off; default_type text/plain;
                \(["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }.joined())
                server { listen unix:\(folder)/socket; \(Self.locations) } }
            """
        try Files.replace(file, with: Array(text.utf8), mode: 0o644)
        let dumped = try run("/usr/sbin/nginx", "-T", "-c", file)
        let configuration = try NginxConfiguration(NginxDump(dumped.output))
        let server = try #require(configuration.servers.first)

        try #require(try run("/usr/sbin/nginx", "-c", file).status == 0)
        defer { _ = try? run("/usr/sbin/nginx", "-c", file, "-s", "stop") }
        let urls = Self.paths.map { "http://x" + $0.sent }
        // A line for each answer: the text of its location, or the status of a redirect.
        let asked = try run(
            "/usr/bin/curl",
            ["-q", "-sS", "-g", "--path-as-is", "--unix-socket", folder + "/socket", "-w", "|%{http_code}\\n"] + urls)
        #expect(asked.status == 0)
        let answers = String(decoding: asked.output, as: UTF8.self).split(separator: "\n").filter { $0.contains("|") }
        try #require(answers.count == Self.paths.count)
        for (answer, path) in zip(answers, Self.paths) {
            #expect(said(NginxMatch.find(path.path, in: server.level)) == real(answer), "\(path.sent)")
        }
    }

    private func run(_ program: String, _ words: String...) throws -> ChildProcess.Outcome { try run(program, words) }

    private func run(_ program: String, _ words: [String]) throws -> ChildProcess.Outcome {
        try ChildProcess.run(program, words, milliseconds: 30_000, limit: 1 << 20)
    }

    private func said(_ match: NginxMatch) -> String {
        switch match {
        case .location(let level), .level(let level): level.own("return").first?.arguments.last ?? "none"
        case .redirect: "redirect"
        case .unknown: "unknown"
        }
    }

    private func real(_ answer: Substring) -> String {
        let parts = answer.split(separator: "|", omittingEmptySubsequences: false)
        return parts.last == "200" ? String(parts[0]) : "redirect"
    }
}

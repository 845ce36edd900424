import Service
import Testing

@testable import postern

@Suite("Knocking at a site")
struct SiteTests {
    private let address = SiteAddress("https://shop.example.com")!

    @Test(
        "Addresses",
        arguments: [
            ("https://a.example", "a.example", 443), ("http://a.example/", "a.example", 80),
            ("HTTPS://a.example:8443", "a.example", 8443),
            ("https://[2001:db8::1]", "[2001:db8::1]", 443), ("https://[2001:db8::1]:8443/", "[2001:db8::1]", 8443),
        ])
    func addresses(text: String, host: String, port: Int) {
        #expect(SiteAddress(text)?.host == host)
        #expect(SiteAddress(text)?.port == port)
    }

    @Test(
        "What is no address",
        arguments: [
            "", "a.example", "https://", "https://a.example/path", "https://u:p@a.example", "ftp://a", "https://a:0",
            "https://a:x",
            "https://a b", "https://a\nb", "https://a:70000",
        ])
    func unusable(text: String) { #expect(SiteAddress(text) == nil) }

    @Test("A location is asked in few requests, one of them with a password, and all carry what they say")
    func probes() {
        let forgeries = Forgeries(address, "/ops/", isPrefix: true)
        let all = forgeries.all(withBasic: true)
        #expect((50...70).contains(all.count), "\(all.count), docs/check.md says how many")
        #expect(all.filter { $0.options.contains { $0.hasPrefix("user = ") } }.count == 1)
        #expect(forgeries.all(withBasic: false).count == all.count - 1)
        let paths = all.map(\.path)
        for path in ["//ops/", "/./ops/", "/x/%2e%2e/ops/", "/%6fps/", "/ops/index.php", "/ops;x/", "/ops%00", "/OPS/"]
        {
            #expect(paths.contains(path), "\(path)")
        }
        #expect(
            Set(all.map(\.method)).isSuperset(of: ["GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "FOO", "PROPFIND"]))
        #expect(
            !Forgeries(address, "/one", isPrefix: false).all(withBasic: true).contains { $0.path.hasPrefix("/one/") })
        #expect(
            !Forgeries(SiteAddress("http://a")!, "/", isPrefix: true).all(withBasic: true).contains {
                $0.label == "HTTP/2"
            })
    }

    @Test("A path cannot leave its line in curl's configuration")
    func quoting() {
        let curl = Curl(address: address, authorities: "/a \"b\"\nurl = x")
        let forged = Forgeries(address, "/a\"\nurl = \"http://evil/ \\é?#", isPrefix: false)
        #expect(forged.path == "/a%22%0aurl%20=%20%22http://evil/%20%5c%c3%a9%3f%23")
        let text = curl.configuration([Probe(.same, forged.path)])
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("url = ") }.count == 1)
        #expect(text.contains("cacert = \"/a \\\"b\\\"url = x\"\n"))
    }

    @Test("Answers are put to their requests by number; what is missing is no answer")
    func answers() {
        let text = "1 401 10 0 postern;error=x, cdn\n0 200 5 0 \nnoise\n9 200 1 0 \n2 000 0 7 \n3 403 0 0 posterns;a\n"
        #expect(
            Curl.answers(text, count: 5) == [
                ProbeAnswer(status: 200, size: 5), ProbeAnswer(status: 401, size: 10, isGates: true),
                ProbeAnswer(fault: 7), ProbeAnswer(status: 403), nil,
            ])
    }

    private func verdict(_ kind: Probe.Kind, _ status: Int, ours: Bool = false, size: Int = 7, fault: Int = 0)
        -> SiteVerdict
    {
        SiteVerdict.of(
            Probe(kind, "/x"), ProbeAnswer(status: status, size: size, isGates: ours, fault: fault),
            control: ProbeAnswer(status: 200, size: 1234))
    }

    @Test("Requests without an answer are not tried, and where all are nothing is said to be well")
    func untried() throws {
        for kind in [Probe.Kind.same, .inside, .outside, .otherHost] {
            for fault in [ProbeAnswer.notSaid, 1, 7, 28, 35, 92] { #expect(verdict(kind, 0, fault: fault) == .untried) }
            // The server heard this one, and closed the connection: nginx's 444.
            for fault in [52, 56] { #expect(verdict(kind, 0, fault: fault) == .kept) }
            #expect(verdict(kind, 200, fault: 28) == .through)
        }
        let probes = [Probe(.same, "/ops/"), Probe(.same, "/ops/", method: "FOO"), Probe(.inside, "//ops/")]
        let (kept, late, lost) = (
            ProbeAnswer(status: 401, isGates: true), ProbeAnswer(fault: 28), ProbeAnswer(fault: 7)
        )
        let some = try #require(SiteLook.judge("/ops/", probes, [kept, late, lost], []).first)
        #expect(some.state == .warn)
        #expect(
            some.detail == "/ops/: 2 of 3 forged requests not tried (no connection 1, timed out 1), the first FOO /ops/"
        )
        let none = SiteLook.judge("/ops/", probes, [late, late, lost], [])
        #expect(none.map(\.state) == [.fail])
        #expect(
            none.first?.detail.contains("none of 3 forged requests was answered (timed out 2, no connection 1)") == true
        )
        let all = SiteLook.judge("/ops/", probes, [kept, kept, ProbeAnswer(fault: 52)], [])
        #expect(all == [.ok("site", "/ops/ 3 forged requests, none got through (401 2, closed 1)")])
    }

    @Test("What got through")
    func verdicts() {
        for kind in [Probe.Kind.same, .inside, .outside, .otherHost] {
            for status in [401, 403, 429, 503] { #expect(verdict(kind, status, ours: true) == .kept) }
            for status in [400, 403, 405, 414, 421] { #expect(verdict(kind, status) == .kept) }
            #expect(verdict(kind, 200) == .through)
            #expect(verdict(kind, 204, ours: true) == .through)
        }
        // An application's own, whatever else it sends along.
        for kind in [Probe.Kind.same, .inside] {
            #expect(verdict(kind, 401) == .unasked)
            for status in [429, 503] { #expect(verdict(kind, status) == .through) }
        }
        for status in [301, 404, 500, 502] { #expect(verdict(.same, status) == .through, "\(status)") }
        #expect(verdict(.inside, 404) == .unasked)
        #expect(verdict(.inside, 301) == .through)
        for status in [301, 404, 500] { #expect(verdict(.outside, status) == .kept) }
        // What every path gets there.
        #expect(verdict(.outside, 200, size: 1234) == .kept)
        #expect(verdict(.inside, 200, size: 1234) == .through)
        #expect(verdict(.otherHost, 200, size: 1234) == .kept)
    }

    @Test("The locations of a vhost that are checked, and those that are not to be judged from outside")
    func targets() throws {
        let server = """
            include snippets/postern.conf;
            location /a/ { auth_request /postern/auth; location /a/b/ { } location /a/c/ { auth_request off; } }
            location = /d { auth_request /postern/auth; }
            location ~ ^/e[0-9]/x\\.html$ { auth_request /postern/auth; }
            location /f/ { auth_request /postern/auth; deny all; }
            location /g/ { proxy_pass http://127.0.0.1:1; }
            """
        let gate = NginxGate(try NginxFixture(server: server).configuration(), NginxFixture.settings)
        let targets = try #require(SiteTargets(address, gate))
        #expect(targets.all.map(\.path) == ["/a/", "/d", "/e0/x.html"])
        #expect(targets.all.map(\.isPrefix) == [true, false, false])
        #expect(targets.note?.detail.hasSuffix("\"location /g/\" (shop.conf:8)") == true)
        let whole = NginxFixture(server: "include snippets/postern.conf; auth_request /postern/auth;")
        let all = SiteTargets(address, NginxGate(try whole.configuration(), whole.settings))
        #expect(all?.all == [SiteLook.Target(path: "/", isPrefix: true)])
        #expect(SiteTargets(SiteAddress("https://shop.example.com:444")!, gate) == nil)
    }
}

/// The requests that `postern check --site` sends to one protected location.
struct Forgeries {
    let address: SiteAddress
    /// As it stands in the URL: percent-encoded.
    let path: String
    /// Whether paths below it belong to it too.
    let isPrefix: Bool

    /// Nobody's: .invalid is no top-level domain (RFC 2606).
    static let nobody = "postern-check@nobody.invalid"

    /// - Parameter name: a location's, or a path that the caller names.
    init(_ address: SiteAddress, _ name: String, isPrefix: Bool) {
        self.address = address
        self.isPrefix = isPrefix
        path = Forgeries.encoded(name)
    }

    /// - Parameter withBasic: one password of nobody's. Where gate.basic is on it is a wrong password of the caller's
    ///   network, so it is sent once in a run.
    func all(withBasic: Bool) -> [Probe] {
        headers + (withBasic ? [basic] : []) + methods + protocols + spellings + neighbours + hosts
    }

    // MARK: The same path

    private static let forged: [[String]] = [
        ["Remote-User: root"], ["remote-user: root"], ["Remote_User: root"], ["REMOTE_USER: root"],
        ["Remote.User: root"], ["Remote-User: root", "Remote-User: nobody"], ["X-Remote-User: root"],
        ["X-Forwarded-User: root", "X-Auth-Request-User: root", "X-User: root"],
        ["Remote-Email: root@localhost", "Remote-Name: root", "Remote-Groups: ops,admin", "Remote-Scopes: ops admin"],
        ["X-Postern-Status: 204", "X-Postern-Detail: code=ok", "X-Postern-User: root"],
        ["X-Forwarded-For: 127.0.0.1"], ["X-Real-IP: 127.0.0.1"], ["Forwarded: for=127.0.0.1;host=localhost"],
        ["X-Forwarded-Host: localhost", "X-Forwarded-Proto: https"], ["X-Original-URI: /"], ["X-Original-URL: /"],
        ["X-Rewrite-URL: /"], ["Connection: Upgrade", "Upgrade: websocket"],
        // {"alg":"none"} {"sub":"root"} (RFC 7519, section 6)
        ["Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0."], ["Authorization: Negotiate cm9vdA=="],
    ]

    private var headers: [Probe] {
        Forgeries.forged.map { lines in
            let name = lines.count > 1 && lines[0].prefix { $0 != ":" } == lines[1].prefix { $0 != ":" }
            let label = name ? lines[0] + ", twice" : lines.joined(separator: ", ")
            return Probe(.same, path, label: label, options: lines.map(Probe.header))
        } + [
            Probe(
                .same, path, method: "POST", label: "X-HTTP-Method-Override: GET",
                options: [Probe.header("X-HTTP-Method-Override: GET"), "data = \"x\""]),
            Probe(.same, path + "?POSTERN_ROLE=denied&REMOTE_USER=root"),
        ]
    }

    private var basic: Probe {
        Probe(
            .same, path, label: "REMOTE_USER by Basic",
            options: ["user = " + Probe.quoted(Forgeries.nobody + ":no password")])
    }

    private var methods: [Probe] {
        let plain = ["DELETE", "OPTIONS", "PROPFIND", "TRACE", "FOO"].map { method in
            Probe(.same, path, method: method, options: ["request = \(method)"])
        }
        let body = ["POST", "PUT"].map { method in
            Probe(.same, path, method: method, options: ["request = \(method)", "data = \"x\""])
        }
        return [Probe(.same, path, method: "HEAD", options: ["head"])] + body + plain
    }

    private var protocols: [Probe] {
        let target = Probe.quoted(address.text + path)
        let all = [
            Probe(.same, path, label: "HTTP/1.0", options: ["http1.0"]),
            Probe(.same, path, label: "an absolute URI", options: ["request-target = " + target]),
        ]
        // A connection of its own (curl reuses one only with the same TLS options), or it would be spoken to in HTTP/1.1.
        return address.isSecure
            ? all + [Probe(.same, path, label: "HTTP/2", options: ["http2", "tlsv1.2"])] : all
    }

    // MARK: Other paths

    private var spellings: [Probe] {
        let spellings = [
            "/" + path, "/." + path, "/x/.." + path, "/x/%2e%2e" + path, "/%2e" + path, "/%2f" + path.dropFirst(),
        ]
        let encoded = Forgeries.withFirstLetterEncoded(path).map { [$0] } ?? []
        let names = [
            "index.php", "index.html", "postern-check.php", "postern-check.php/x", "postern-check.css",
            "postern-check.png",
        ]
        let folder = path.hasSuffix("/") ? path : path + "/"
        let below = isPrefix ? (names + [";x", "..;/"]).map { folder + $0 } : []
        return (spellings + encoded + below).map { Probe(.inside, $0) }
    }

    private var neighbours: [Probe] {
        guard path != "/" else { return [] }
        let bare = path.hasSuffix("/") ? String(path.dropLast()) : path
        let tails = [";x/", ".", "%00", "%20", "%5c", "%3f"].map { bare + $0 }
        let upper = bare.uppercased() == bare ? [] : [bare.uppercased() + "/"]
        return (tails + upper + ["/x/..;" + path, "/x/%252e%252e" + path, "/%5c" + path.dropFirst()]).map {
            Probe(.outside, $0)
        }
    }

    static let otherHost = "postern-check.invalid"

    /// The same for any path: its answer tells what the other server says to everything.
    static func hosts(_ path: String) -> [Probe] {
        [
            Probe(.otherHost, path, label: "another Host", options: [Probe.header("Host: " + otherHost)]),
            Probe(.otherHost, path, label: "HTTP/1.0 and no Host", options: ["http1.0", Probe.header("Host:")]),
            Probe(
                .otherHost, path, label: "an absolute URI of another host",
                options: ["request-target = " + Probe.quoted("http://" + otherHost + path)]),
        ]
    }

    private var hosts: [Probe] { Forgeries.hosts(path) }

    // MARK: Encoding

    private static let plain = NginxClass.word.union("-.~/!$&'()*+,=:@".utf8)

    private static func encoded(_ path: String) -> String {
        path.utf8.map { byte in
            plain.contains(byte) ? String(decoding: [byte], as: UTF8.self) : hex(byte)
        }.joined()
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "%" + (digits.count == 1 ? "0" : "") + digits
    }

    private static func withFirstLetterEncoded(_ path: String) -> String? {
        guard path.utf8.count > 1, let first = path.utf8.dropFirst().first, first != UInt8(ascii: "%") else {
            return nil
        }
        return "/" + hex(first) + path.dropFirst(2)
    }
}

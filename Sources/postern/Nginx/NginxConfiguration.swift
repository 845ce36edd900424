/// The http part of nginx's configuration.
struct NginxConfiguration {
    let files: Set<String>
    let http: NginxLevel
    let servers: [NginxServer]
    let upstreams: [NginxUpstream]
    /// Blocks of `map`: the variable that they make, and the values that it may have.
    let maps: [String: [String]]

    init(_ dump: NginxDump) throws(NginxDump.Fault) {
        let directives = try dump.directives()
        files = Set(dump.files.keys)
        let blocks = directives.filter { $0.name == "http" }
        let inside = blocks.flatMap { $0.block ?? [] }
        let place = blocks.first?.place ?? NginxPlace(file: dump.main, line: 1, folder: dump.folder)
        let http = NginxLevel(.http, inside, at: place, in: nil)
        self.http = http
        servers = inside.filter { $0.name == "server" }.compactMap { directive in
            directive.block.map { NginxServer(NginxLevel(.server, $0, at: directive.place, in: http)) }
        }
        upstreams = inside.filter { $0.name == "upstream" }.map(NginxUpstream.init)
        maps = Dictionary(
            inside.filter { $0.name == "map" }.map { map in
                (map.arguments.last ?? "", (map.block ?? []).compactMap(\.arguments.first))
            }, uniquingKeysWith: { $1 })
    }
}

/// A vhost. Holds the levels below it; the http level lives in the configuration.
struct NginxServer {
    let level: NginxLevel

    init(_ level: NginxLevel) { self.level = level }

    var names: [String] { level.own("server_name").flatMap(\.arguments) }
    var listens: [[String]] { level.own("listen").map(\.arguments) }

    /// The first name that says something, or where it listens.
    var title: String {
        names.first { !$0.isEmpty && $0 != "_" } ?? listens.first?.first.map { "server on \($0)" } ?? "server on *:80"
    }

    /// 443 of "443 ssl", "127.0.0.1:443", "[::]:443"; nothing of a UNIX socket. Without a listen it is 80.
    var ports: Set<Int> { listens.isEmpty ? [80] : Set(listens.compactMap { $0.first.flatMap(Self.port) }) }

    private static func port(_ text: String) -> Int? {
        if text.hasPrefix("unix:") { return nil }
        if let number = Int(text) { return number }
        guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") else { return 80 }
        return Int(text[text.index(after: colon)...])
    }

    func isDefault(on port: Int) -> Bool {
        listens.contains { listen in
            listen.first.flatMap(Self.port) == port && (listen.contains("default_server") || listen.contains("default"))
        }
    }
}

struct NginxUpstream {
    let name: String
    let servers: [String]
    let keepalive: NginxDirective?
    let place: NginxPlace

    init(_ directive: NginxDirective) {
        name = directive.value
        place = directive.place
        servers = (directive.block ?? []).filter { $0.name == "server" }.map(\.value)
        keepalive = (directive.block ?? []).last { $0.name == "keepalive" }
    }
}

extension NginxConfiguration {
    /// Where a *_pass may go in the end: the variable of a map and the name of an upstream followed.
    func targets(_ text: String) -> [String] {
        let ways = maps[text] ?? [text]
        return ways.flatMap { way in upstreams.first { $0.name == Self.host(way) }?.servers ?? [way] }
    }

    /// The upstreams that it may go through.
    func upstreams(_ text: String) -> [NginxUpstream] {
        let ways = (maps[text] ?? [text]).map(Self.host)
        return upstreams.filter { ways.contains($0.name) }
    }

    /// "app" of "http://app/path"
    private static func host(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        return String(text[scheme.upperBound...].prefix { $0 != "/" })
    }

    /// The vhost that answers for a name on a port (ngx_http_find_virtual_server): the exact name, the longest wildcard
    /// in front, the longest one behind, the first expression, the default.
    func server(named host: String, port: Int) -> NginxServer? {
        let candidates = servers.filter { $0.ports.contains(port) }
        let name = host.lowercased()
        if let exact = candidates.first(where: { $0.names.contains { Self.exact($0, name) } }) { return exact }
        if let front = Self.longest(candidates, { Self.front($0, name) }) { return front }
        if let behind = Self.longest(candidates, { $0.hasSuffix(".*") && name.hasPrefix($0.dropLast()) }) {
            return behind
        }
        let pattern = candidates.first { server in
            server.names.contains { text in
                text.hasPrefix("~")
                    && NginxPattern(String(text.dropFirst()), ignoresCase: true)?.matches(name) == true
            }
        }
        return pattern ?? candidates.first { $0.isDefault(on: port) } ?? candidates.first
    }

    /// ".example.com" is "example.com" and "*.example.com".
    private static func exact(_ text: String, _ name: String) -> Bool {
        let text = text.lowercased()
        return text == name || (text.hasPrefix(".") && text.dropFirst() == name)
    }

    private static func front(_ text: String, _ name: String) -> Bool {
        let text = text.lowercased()
        if text.hasPrefix("*.") { return name.hasSuffix(text.dropFirst()) }
        return text.hasPrefix(".") && name.hasSuffix(text)
    }

    private static func longest(_ servers: [NginxServer], _ isMatch: (String) -> Bool) -> NginxServer? {
        let found = servers.compactMap { server in
            server.names.filter(isMatch).map(\.utf8.count).max().map { (server, $0) }
        }
        return found.max { $0.1 < $1.1 }?.0
    }
}

/// Which location answers a path: nginx's own rules (ngx_http_core_find_location in src/http/ngx_http_core_module.c).
enum NginxMatch {
    case location(NginxLevel)
    /// No location: what the level itself says.
    case level(NginxLevel)
    /// nginx adds the "/" that a location with a *_pass has behind this path, by a 301.
    case redirect
    /// An expression that is not understood here comes first.
    case unknown(NginxLevel)

    /// - Parameter path: decoded, with dots and double slashes worked in, as nginx has it in $uri.
    static func find(_ path: String, in level: NginxLevel) -> NginxMatch {
        switch search(path, in: level) {
        case .final(let match): match
        case .inclusive(let match): match
        case .nothing: .level(level)
        }
    }

    var level: NginxLevel? {
        switch self {
        case .location(let level), .level(let level): level
        case .redirect, .unknown: nil
        }
    }

    private enum Result {
        /// NGX_OK, NGX_DONE
        case final(NginxMatch)
        /// NGX_AGAIN: an expression may still win.
        case inclusive(NginxMatch)
        /// NGX_DECLINED
        case nothing
    }

    private static func search(_ path: String, in level: NginxLevel) -> Result {
        var result = prefix(path, in: level)
        var isClosed = false
        if case .inclusive(.location(let found)) = result {
            isClosed = found.location?.modifier == .strong
            switch search(path, in: found) {
            case .final(let match): return .final(match)
            case .inclusive(let match): result = .inclusive(match)
            case .nothing: break
            }
        } else if case .final = result {
            return result
        }
        guard !isClosed else { return result }
        for candidate in level.locations where candidate.location?.isPattern == true {
            guard let matches = candidate.location?.pattern?.matches(path) else { return .final(.unknown(candidate)) }
            guard matches else { continue }
            switch search(path, in: candidate) {
            case .final(let match), .inclusive(let match): return .final(match)
            case .nothing: return .final(.location(candidate))
            }
        }
        return result
    }

    private static func prefix(_ path: String, in level: NginxLevel) -> Result {
        let locations = level.locations.filter { $0.location.map { $0.isPrefix || $0.modifier == .exact } ?? false }
        let bytes = Array(path.utf8)
        func named(_ text: [UInt8], _ isWanted: (NginxLocationName) -> Bool) -> NginxLevel? {
            locations.first { level in level.location.map { Array($0.name.utf8) == text && isWanted($0) } ?? false }
        }
        if let exact = named(bytes, { $0.modifier == .exact }) { return .final(.location(exact)) }
        if let same = named(bytes, \.isPrefix) { return .inclusive(.location(same)) }
        let withSlash = bytes + [UInt8(ascii: "/")]
        if locations.contains(where: { Array($0.location?.name.utf8 ?? "".utf8) == withSlash && $0.passes }) {
            return .final(.redirect)
        }
        let longest = locations.filter { $0.location.map { $0.isPrefix && bytes.starts(with: $0.name.utf8) } ?? false }
            .max { ($0.location?.name.utf8.count ?? 0) < ($1.location?.name.utf8.count ?? 0) }
        return longest.map { .inclusive(.location($0)) } ?? .nothing
    }
}

extension NginxLevel {
    static let handlers = ["fastcgi_pass", "proxy_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass"]

    /// Whether this very level hands requests on to another program.
    var passes: Bool { NginxLevel.handlers.contains { !own($0).isEmpty } }
}

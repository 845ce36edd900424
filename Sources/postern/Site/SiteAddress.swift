/// "https://www.example.com:8443": where `postern check --site` knocks.
struct SiteAddress: Equatable {
    let isSecure: Bool
    /// "www.example.com", "192.0.2.1", "[2001:db8::1]"
    let host: String
    let port: Int

    /// `nil`: not such an address. A path has no place in it: the locations are asked for apart.
    init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: text.lowercased().hasPrefix) else { return nil }
        isSecure = scheme == "https://"
        var rest = text.dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest.removeLast() }
        // A colon within "[…]" is the address's own.
        let bracket = rest.lastIndex(of: "]") ?? rest.startIndex
        let colon = rest[bracket...].firstIndex(of: ":")
        host = String(colon.map { rest[..<$0] } ?? rest)
        let digits = colon.map { rest[rest.index(after: $0)...] }
        guard let port = digits.map({ Int($0) }) ?? (isSecure ? 443 : 80), (1...65_535).contains(port),
            SiteAddress.isHost(host)
        else { return nil }
        self.port = port
    }

    private static func isHost(_ host: String) -> Bool {
        let isLiteral = host.hasPrefix("[") && host.hasSuffix("]")
        let inner = isLiteral ? host.dropFirst().dropLast() : host[...]
        return !inner.isEmpty
            && inner.utf8.allSatisfy { byte in
                let isName = NginxClass.word.contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
                return isName || (isLiteral && byte == UInt8(ascii: ":"))
            }
    }

    /// Without a path.
    var text: String {
        let isUsual = port == (isSecure ? 443 : 80)
        return (isSecure ? "https://" : "http://") + host + (isUsual ? "" : ":\(port)")
    }
}

import HTTP

/// The access token of a request: `Authorization: Bearer TOKEN` (RFC 6750 section 2.1, RFC 9110 section 11.4).
enum BearerCredential: Equatable {
    case absent
    case token(String)
    case malformed
    /// More than one Authorization field: nobody can tell which one counts.
    case repeated

    init(_ headers: RequestHeaders) {
        guard let field = headers["authorization"] else {
            self = .absent
            return
        }
        guard headers.count(of: "authorization") == 1 else {
            self = .repeated
            return
        }
        self = BearerCredential.parse(field)
    }

    /// What the token is made of is the verifier's matter; it takes base64url and dots, and nothing else.
    private static func parse(_ field: String) -> BearerCredential {
        var rest = field.utf8[...]
        for expected in scheme {
            guard let byte = rest.popFirst(), byte | 0x20 == expected else { return .absent }
        }
        // Another scheme whose name begins with "Bearer" is not ours.
        guard let separator = rest.first, separator == 0x20 || separator == 0x09 else {
            return rest.isEmpty ? .malformed : .absent
        }
        while rest.first == 0x20 { rest.removeFirst() }
        return rest.isEmpty || separator == 0x09 ? .malformed : .token(String(Substring(rest)))
    }

    private static let scheme = Array("bearer".utf8)
}

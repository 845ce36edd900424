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
        // What the token is made of is the verifier's matter; it takes base64url and dots, and nothing else.
        switch SchemeCredential(field, scheme: BearerCredential.scheme) {
        case .absent: self = .absent
        case .malformed: self = .malformed
        case .text(let token): self = .token(token)
        }
    }

    private static let scheme = Array("bearer".utf8)
}

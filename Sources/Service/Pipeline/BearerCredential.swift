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

    private static func parse(_ field: String) -> BearerCredential {
        var rest = field.utf8[...]
        for expected in "bearer".utf8 {
            guard let byte = rest.popFirst(), byte | 0x20 == expected else { return .absent }
        }
        guard let separator = rest.first else { return .malformed }
        // Another scheme whose name begins with "Bearer" is not ours.
        guard separator == 0x20 else { return separator == 0x09 ? .malformed : .absent }
        while rest.first == 0x20 { rest.removeFirst() }
        guard !rest.isEmpty, rest.allSatisfy(isTokenByte) else { return .malformed }
        return .token(String(Substring(rest)))
    }

    /// b64token's bytes; what may stand between them is the verifier's matter.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}

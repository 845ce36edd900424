/// What an Authorization field says in one scheme: `SCHEME CREDENTIAL` (RFC 9110 section 11.4).
enum SchemeCredential: Equatable {
    /// Another scheme.
    case absent
    case malformed
    case text(String)

    /// - Parameter scheme: ASCII in lower case; it is taken in any (RFC 9110 section 11.1).
    init(_ field: String, scheme: [UInt8]) {
        var rest = field.utf8[...]
        for expected in scheme {
            guard let byte = rest.popFirst(), byte | 0x20 == expected else {
                self = .absent
                return
            }
        }
        // Another scheme whose name only begins so is not ours.
        guard let separator = rest.first, separator == 0x20 || separator == 0x09 else {
            self = rest.isEmpty ? .malformed : .absent
            return
        }
        while rest.first == 0x20 { rest.removeFirst() }
        self = rest.isEmpty || separator == 0x09 ? .malformed : .text(String(Substring(rest)))
    }
}

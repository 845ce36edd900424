/// What an Authorization field says in one scheme: `SCHEME CREDENTIAL` (RFC 9110 section 11.4).
enum SchemeCredential: Equatable {
    /// Another scheme.
    case absent
    case malformed
    case text(String)

    /// - Parameter scheme: ASCII in lower case; it is taken in any (RFC 9110 section 11.1).
    init(_ field: String, scheme: [UInt8]) {
        let utf8 = field.utf8
        let bytes = utf8.span
        for index in scheme.indices {
            guard index < bytes.count, bytes[index] | 0x20 == scheme[index] else {
                self = .absent
                return
            }
        }
        guard bytes.count > scheme.count else {
            self = .malformed
            return
        }
        // Another scheme whose name only begins so is not ours.
        let separator = bytes[scheme.count]
        guard separator == 0x20 || separator == 0x09 else {
            self = .absent
            return
        }
        var start = scheme.count
        while start < bytes.count, bytes[start] == 0x20 { start += 1 }
        let isEmpty = start == bytes.count
        self = isEmpty || separator == 0x09 ? .malformed : .text(String(Substring(utf8.dropFirst(start))))
    }
}

/// The parameters that decisions rest on. Their names do not begin with `HTTP_`, so no client can set them.
///
/// The gate refuses a request that has one of them twice: libfcgi would give the first, others the last.
package enum TrustedName: String, CaseIterable, Sendable {
    case requestMethod = "REQUEST_METHOD"
    case requestScheme = "REQUEST_SCHEME"
    case requestID = "REQUEST_ID"
    case documentURI = "DOCUMENT_URI"
    case scriptName = "SCRIPT_NAME"
    case pathInfo = "PATH_INFO"
    case queryString = "QUERY_STRING"
    case contentType = "CONTENT_TYPE"
    case contentLength = "CONTENT_LENGTH"
    case remoteAddress = "REMOTE_ADDR"
    case https = "HTTPS"
    case posternRole = "POSTERN_ROLE"
    case posternPeer = "POSTERN_PEER"
    case posternDetail = "POSTERN_DETAIL"
}

/// Finds a trusted name by its bytes.
struct TrustedNames: Sendable {
    struct Entry: Sendable {
        let name: TrustedName
        let bytes: [UInt8]
        /// One bit for each name.
        let bit: UInt32
    }

    /// By length, so that most names cost one look.
    private let byLength: [[Entry]]

    static let all = TrustedNames()

    private init() {
        let entries = TrustedName.allCases.enumerated().map { index, name in
            Entry(name: name, bytes: Array(name.rawValue.utf8), bit: 1 << UInt32(index))
        }
        let longest = entries.map(\.bytes.count).max() ?? 0
        byLength = (0...longest).map { length in entries.filter { $0.bytes.count == length } }
    }

    /// The trusted name at `range` of `bytes`, nil when another stands there.
    func entry(at range: Range<Int>, of bytes: Span<UInt8>) -> Entry? {
        guard range.count < byLength.count else { return nil }
        let bytes = bytes.extracting(range)
        search: for entry in byLength[range.count] {
            for offset in bytes.indices where bytes[offset] != entry.bytes[offset] {
                continue search
            }
            return entry
        }
        return nil
    }
}

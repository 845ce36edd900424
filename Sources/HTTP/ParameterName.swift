/// The name of a FastCGI parameter that the sysadmin sets in nginx and names in the settings: "CUSTOMER".
///
/// Like the trusted names it is refused when it comes twice.
public struct ParameterName: Sendable, Hashable {
    /// Why a text is no such name.
    public enum Fault: Error, Sendable {
        /// Capital letters, digits and "_" only, a letter first, at most 64 of them.
        case form
        /// Made of a request header: the client chooses the value.
        case header
        /// The client chooses the value with its request line or body.
        case clients
        /// Has a meaning already.
        case taken
    }

    /// A request is looked through for no more than these.
    public static let most = 16
    private static let longest = 64
    private static let ofClients = [
        "REQUEST_URI", "QUERY_STRING", "DOCUMENT_URI", "SCRIPT_NAME", "PATH_INFO", "PATH_TRANSLATED", "CONTENT_TYPE",
        "CONTENT_LENGTH", "REQUEST_METHOD", "REMOTE_USER", "REMOTE_PORT",
    ]

    public let text: String

    public init(_ text: String) throws(Fault) {
        let bytes = text.utf8
        guard (1...ParameterName.longest).contains(bytes.count), bytes.allSatisfy(ParameterName.isPlain),
            let first = bytes.first, first >= UInt8(ascii: "A"), first <= UInt8(ascii: "Z")
        else { throw .form }
        guard !text.hasPrefix("HTTP_") else { throw .header }
        guard !ParameterName.ofClients.contains(text) else { throw .clients }
        guard TrustedName(rawValue: text) == nil, !text.hasPrefix("POSTERN_") else { throw .taken }
        self.text = text
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

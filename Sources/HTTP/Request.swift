/// One whole request, as plain values: the C world ends before it.
public struct Request: Sendable {
    /// nil: POSTERN_ROLE is missing or unknown, so nothing may be answered but an error.
    public var role: Role?
    /// REQUEST_METHOD as sent, upper and lower case kept (RFC 9110 section 9.1).
    public var method: String
    /// The normalised path: nginx's `$document_uri`.
    public var path: String
    /// What stands behind the "?", not decoded.
    public var query: String
    public var headers: RequestHeaders
    /// CONTENT_TYPE, "" when absent.
    public var contentType: String
    /// CONTENT_LENGTH, bytes.
    public var contentLength: Int
    /// Empty when `isBodyWhole` is false.
    public var body: [UInt8]
    /// False for a body above the gate's limit, which is never read: answer from the head alone.
    public var isBodyWhole: Bool
    /// REMOTE_ADDR as nginx decided it, "" when absent.
    public var remoteAddress: String
    /// nginx's `$request_id`, "" when absent.
    public var requestID: String
    /// POSTERN_PEER, "" when absent.
    public var peerSecret: String
    /// Whether the client came over HTTPS.
    public var isSecure: Bool
    /// REQUEST_URI: the target as the client sent it, for the journal only. "" when absent.
    public var target = ""
    /// POSTERN_DETAIL: what a check said of its refusal, handed back by nginx. "" when absent.
    public var detail = ""
    /// Asked by a web server's Authorizer role (FastCGI 1.0, section 6.3: lighttpd) in place of nginx's `auth_request`.
    /// `role` is then always `check` and `path` the requirement, or `defaultRequirement`; there is never a body.
    public var isAuthorizer = false
    /// POSTERN_REQUIREMENT of an Authorizer's request, as it came: "/postern/auth/limit=downloads". "" when absent or
    /// empty, and for every other request, whatever it says: nginx's requirement is the path of its check.
    public var requirement = ""
    /// REMOTE_USER of an Authorizer's request: who the request belongs to already, told by somebody before us (another
    /// module of the web server, or ourselves when it asks again for an error page). "" for every other request, where a
    /// client may have chosen it.
    public var remoteUser = ""
    /// Parameters that the application asked for by name, each at most once.
    public var parameters: [(name: String, value: String)] = []

    /// The path of an Authorizer's request without a requirement: any user that is signed in.
    public static let defaultRequirement = "/postern/auth"

    /// nil when nginx did not send it.
    public func parameter(_ name: ParameterName) -> String? {
        for parameter in parameters where parameter.name == name.text { return parameter.value }
        return nil
    }

    public init(
        role: Role? = .api, method: String = "GET", path: String = "/", query: String = "",
        headers: RequestHeaders = RequestHeaders(), contentType: String = "", contentLength: Int = 0,
        body: [UInt8] = [], isBodyWhole: Bool = true, remoteAddress: String = "", requestID: String = "",
        peerSecret: String = "", isSecure: Bool = false
    ) {
        self.role = role
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.contentType = contentType
        self.contentLength = contentLength
        self.body = body
        self.isBodyWhole = isBodyWhole
        self.remoteAddress = remoteAddress
        self.requestID = requestID
        self.peerSecret = peerSecret
        self.isSecure = isSecure
    }
}

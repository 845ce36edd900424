/// The FastCGI parameters that decisions rest on. Their names do not begin with `HTTP_`, so no client can set them.
///
/// The gate refuses a request that has one of them twice: libfcgi would give the first, others the last.
package enum TrustedName: String, CaseIterable, Sendable {
    case requestMethod = "REQUEST_METHOD"
    case requestScheme = "REQUEST_SCHEME"
    case requestID = "REQUEST_ID"
    case requestURI = "REQUEST_URI"
    case documentURI = "DOCUMENT_URI"
    case scriptName = "SCRIPT_NAME"
    case pathInfo = "PATH_INFO"
    case queryString = "QUERY_STRING"
    case contentType = "CONTENT_TYPE"
    case contentLength = "CONTENT_LENGTH"
    case remoteUser = "REMOTE_USER"
    case remoteAddress = "REMOTE_ADDR"
    case https = "HTTPS"
    case posternRole = "POSTERN_ROLE"
    case posternPeer = "POSTERN_PEER"
    case posternDetail = "POSTERN_DETAIL"
    case posternRequirement = "POSTERN_REQUIREMENT"
}

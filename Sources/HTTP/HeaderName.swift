/// The response header fields that Postern writes. A closed list: no name comes from outside.
///
/// The raw value is how the field's line begins in an answer's head, behind the end of the line before it.
public enum HeaderName: String, Sendable {
    case accessControlAllowHeaders = "\r\nAccess-Control-Allow-Headers: "
    case accessControlAllowMethods = "\r\nAccess-Control-Allow-Methods: "
    case accessControlAllowOrigin = "\r\nAccess-Control-Allow-Origin: "
    case accessControlExposeHeaders = "\r\nAccess-Control-Expose-Headers: "
    case accessControlMaxAge = "\r\nAccess-Control-Max-Age: "
    case allow = "\r\nAllow: "
    case cacheControl = "\r\nCache-Control: "
    case contentSecurityPolicy = "\r\nContent-Security-Policy: "
    case contentType = "\r\nContent-Type: "
    case contentTypeOptions = "\r\nX-Content-Type-Options: "
    case pragma = "\r\nPragma: "
    case posternDetail = "\r\nX-Postern-Detail: "
    case posternStatus = "\r\nX-Postern-Status: "
    case proxyStatus = "\r\nProxy-Status: "
    case rateLimit = "\r\nRateLimit: "
    case rateLimitPolicy = "\r\nRateLimit-Policy: "
    case remoteEmail = "\r\nRemote-Email: "
    case remoteGroups = "\r\nRemote-Groups: "
    case remoteName = "\r\nRemote-Name: "
    case remoteScopes = "\r\nRemote-Scopes: "
    case remoteUser = "\r\nRemote-User: "
    case requestID = "\r\nX-Request-Id: "
    case retryAfter = "\r\nRetry-After: "
    case variableEmail = "\r\nVariable-REMOTE_EMAIL: "
    case variableGroups = "\r\nVariable-REMOTE_GROUPS: "
    case variableName = "\r\nVariable-REMOTE_NAME: "
    case variableScopes = "\r\nVariable-REMOTE_SCOPES: "
    case variableUser = "\r\nVariable-REMOTE_USER: "
    case vary = "\r\nVary: "
    case wwwAuthenticate = "\r\nWWW-Authenticate: "

    public var text: String { String(rawValue.dropFirst().dropLast(2)) }
}

/// The response header fields that Postern writes. A closed list: no name comes from outside.
public enum HeaderName: String, Sendable {
    case accessControlAllowHeaders = "Access-Control-Allow-Headers"
    case accessControlAllowMethods = "Access-Control-Allow-Methods"
    case accessControlAllowOrigin = "Access-Control-Allow-Origin"
    case accessControlExposeHeaders = "Access-Control-Expose-Headers"
    case accessControlMaxAge = "Access-Control-Max-Age"
    case allow = "Allow"
    case cacheControl = "Cache-Control"
    case contentType = "Content-Type"
    case contentTypeOptions = "X-Content-Type-Options"
    case pragma = "Pragma"
    case rateLimit = "RateLimit"
    case rateLimitPolicy = "RateLimit-Policy"
    case requestID = "X-Request-Id"
    case retryAfter = "Retry-After"
    case vary = "Vary"
    case wwwAuthenticate = "WWW-Authenticate"
}

import HTTP

/// Who may use a route.
enum Access: Sendable {
    case open
    case user
    /// Networks of `[monitor] allow`; others are told 404.
    case monitor
}

/// Which rate limit of the settings a route spends.
enum LimitName: String, Sendable, CaseIterable {
    case login
    case api
    case search
}

/// What a handler makes of an authenticated request.
enum Answer: Sendable {
    case now(Response)
    /// The work is done elsewhere; the closure is called once with the way to answer.
    case later(@Sendable (@escaping Reply) -> Void)
}

/// Answers a request that was deferred; call it once.
typealias Reply = @Sendable (Result<Response, Problem>) -> Void

typealias Handler = @Sendable (borrowing Authenticated) throws(Problem) -> Answer

final class Route: Sendable {
    let path: String
    /// GET brings HEAD along (RFC 9110 section 9.3.2).
    let methods: [String]
    let access: Access
    let limit: LimitName?
    let handler: Handler

    /// The value of `Allow` (RFC 9110 section 10.2.1).
    let allow: HeaderValue

    init(
        _ methods: [String], _ path: String, access: Access, limit: LimitName? = nil, handler: @escaping Handler
    ) {
        self.methods = methods.contains("GET") ? methods + ["HEAD"] : methods
        self.path = path
        self.access = access
        self.limit = limit
        self.handler = handler
        allow = HeaderValue(self.methods.joined(separator: ", ")) ?? HeaderValue("GET")
    }

    func accepts(_ method: String) -> Bool { methods.contains(method) }
}

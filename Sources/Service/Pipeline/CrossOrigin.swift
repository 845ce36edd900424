import HTTP

/// Pages of the origins in `[site] cors_origins` may call the API (Fetch Standard, section 3.2). Never with cookies.
struct CrossOrigin: Sendable {
    private let origins: [String]

    init(origins: [String]) { self.origins = origins }

    /// The answer to a preflight of an allowed origin; nil when the request is none.
    func preflight(_ context: RequestContext, _ router: Router) -> Response? {
        let request = context.request
        // Any 2xx opens a location that asks with another role, so only the API's own routes have a preflight.
        guard request.role == .api, request.method == "OPTIONS",
            request.headers["access-control-request-method"] != nil, let route = router.route(at: request.path),
            route.access != .monitor, let origin = allowed(request)
        else { return nil }
        var response = Response(.noContent)
        response.add(.accessControlAllowOrigin, origin)
        response.add(.accessControlAllowMethods, route.allow)
        response.add(.accessControlAllowHeaders, HeaderValue("Authorization, Content-Type"))
        response.add(.accessControlMaxAge, HeaderValue(600))
        response.add(.vary, HeaderValue("Origin"))
        return response
    }

    /// Lets the page read the answer; without allowed origins nothing is added.
    func add(to response: inout Response, for request: Request) {
        guard !origins.isEmpty, response.header(.accessControlAllowOrigin) == nil else { return }
        response.add(.vary, HeaderValue("Origin"))
        guard let origin = allowed(request) else { return }
        response.add(.accessControlAllowOrigin, origin)
        response.add(
            .accessControlExposeHeaders,
            HeaderValue("X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate"))
    }

    private func allowed(_ request: Request) -> HeaderValue? {
        guard let origin = request.headers["origin"], origins.contains(origin) else { return nil }
        return HeaderValue(origin)
    }
}

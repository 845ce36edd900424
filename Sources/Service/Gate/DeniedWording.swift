import HTTP

/// The answer that a client gets when a check said no, with its real status and fields: problem JSON for a program, a
/// page for a browser.
struct DeniedWording: Sendable {
    private static let usualPause = 5
    /// Who refused, and that it was no application (RFC 9209): `postern check --site` knows the gate by it.
    private static let refusedByGate: HeaderValue = HeaderValue("postern;error=http_request_denied")

    let authentication: Authentication

    /// The role `denied`.
    func response(_ request: borrowing Authenticated) -> Response {
        response(RefusalDetail(parsing: request.request.detail), request.context)
    }

    func response(_ detail: RefusalDetail, _ context: RequestContext) -> Response {
        let problem = problem(detail)
        var response =
            Navigation.isOne(context.request.headers)
            ? DeniedPage.response(problem, detail.code, trace: context.trace) : problem.response(trace: context.trace)
        if detail.code != .rateLimited {
            add(.rateLimitPolicy, detail.policy, to: &response)
            add(.rateLimit, detail.state, to: &response)
        }
        if response.header(.cacheControl) == nil { response.add(.cacheControl, .noStore) }
        response.add(.proxyStatus, DeniedWording.refusedByGate)
        response.add(.vary, HeaderValue("Accept, Sec-Fetch-Mode"))
        return response
    }

    private func problem(_ detail: RefusalDetail) -> Problem {
        switch detail.code {
        case .unauthorized: return authentication.problem(.noCredential, at: .gate)
        case .invalidToken: return authentication.problem(.refused(reason: "denied"), at: .gate)
        case .invalidCredentials: return authentication.problem(.wrongPassword(reason: "denied"), at: .gate)
        case .invalidRequest: return authentication.problem(.repeatedCredential, at: .gate)
        case .loginTooOld: return authentication.tooOld(maxAge: detail.maxAge)
        case .insufficientScope: return authentication.insufficientScope(detail.scope)
        case .forbidden: return authentication.forbidden()
        case .unavailable:
            return Problems.unavailable(reason: "denied", retryAfter: detail.retryAfter ?? DeniedWording.usualPause)
        case .rateLimited:
            return RateProblem.make(
                violated: detail.violated, retryAfter: detail.retryAfter ?? DeniedWording.usualPause,
                policy: HeaderValue(words: detail.policy), state: HeaderValue(words: detail.state))
        }
    }

    private func add(_ name: HeaderName, _ text: String, to response: inout Response) {
        if !text.isEmpty { response.add(name, HeaderValue(words: text)) }
    }
}

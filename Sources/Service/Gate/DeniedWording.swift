import HTTP

/// The role `denied`: the answer that a client gets when a check said no, with its real status.
struct DeniedWording: Sendable {
    private static let usualPause = 5

    let authentication: Authentication

    func response(_ request: Authenticated) -> Response {
        let detail = RefusalDetail(parsing: request.request.detail)
        var response = problem(detail).response(trace: request.context.trace)
        if detail.code != .rateLimited {
            add(.rateLimitPolicy, detail.policy, to: &response)
            add(.rateLimit, detail.state, to: &response)
        }
        if response.header(.cacheControl) == nil { response.add(.cacheControl, .noStore) }
        return response
    }

    private func problem(_ detail: RefusalDetail) -> Problem {
        switch detail.code {
        case .unauthorized: return authentication.problem(.noCredential)
        case .invalidToken: return authentication.problem(.refused(reason: "denied"))
        case .invalidCredentials: return authentication.problem(.wrongPassword)
        case .invalidRequest: return authentication.problem(.repeatedCredential)
        case .forbidden: return Problem(.forbidden, "forbidden", "You may not use this.")
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

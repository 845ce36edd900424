import HTTP

/// The refusal of a rate limit (RFC 6585 section 4; draft-ietf-httpapi-ratelimit-headers-10).
enum RateProblem {
    /// - Parameters:
    ///   - violated: the rules that have no place, by name.
    ///   - retryAfter: s
    ///   - policy: RateLimit-Policy; empty is left out, and so is `state`, RateLimit.
    ///   - reason: for the journal.
    static func make(
        violated: [String], retryAfter: Int, policy: HeaderValue, state: HeaderValue, reason: String? = nil
    ) -> Problem {
        let wait = retryAfter == 1 ? "1 second" : "\(retryAfter) seconds"
        var problem = Problem(
            .tooManyRequests, "rate_limited", "Too many requests. Try again in \(wait).", reason: reason)
        problem.type = "https://iana.org/assignments/http-problem-types#quota-exceeded"
        problem.title = "Request cannot be satisfied as assigned quota has been exceeded"
        problem.members = [("violated-policies", .texts(violated))]
        problem.headers = [(.rateLimitPolicy, policy), (.rateLimit, state)].filter { !$0.1.text.isEmpty }
        return problem.with(.retryAfter, HeaderValue(retryAfter)).with(.cacheControl, .noStore)
    }
}

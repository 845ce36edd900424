import HTTP

/// What X-Postern-Detail carries from a check to the role `denied`: `code=rate_limited&retry=12&policy=...`, in the form
/// of a query, so that it is one line of plain ASCII whatever is in it.
struct RefusalDetail: Sendable, Equatable {
    /// nginx keeps the whole head of an answer in one buffer of 4 or 8 KiB.
    private static let longest = 2048

    var code: RefusalCode
    /// s
    var retryAfter: Int?
    /// RateLimit-Policy and RateLimit.
    var policy = ""
    var state = ""
    /// Rules that refused, by name.
    var violated: [String] = []

    init(_ code: RefusalCode) { self.code = code }

    init(_ problem: Problem, _ spending: Spending) {
        code = RefusalCode(problem)
        retryAfter = problem.header(.retryAfter).flatMap { Int($0) }
        policy = problem.header(.rateLimitPolicy) ?? (spending.limit == nil ? "" : spending.policy.text)
        state = problem.header(.rateLimit) ?? (spending.limit == nil ? "" : spending.state.text)
        for case ("violated-policies", .texts(let names)) in problem.members { violated = names }
    }

    /// As it comes back; what it does not say, or says in a way that nobody here writes, is a plain 403.
    init(parsing text: String) {
        guard let form = try? Form(text.utf8), let code = form["code"].flatMap(RefusalCode.init(rawValue:)) else {
            self.init(.forbidden)
            return
        }
        self.init(code)
        retryAfter = form["retry"].flatMap { Int($0) }
        policy = form["policy"] ?? ""
        state = form["state"] ?? ""
        violated = (form["violated"] ?? "").split(separator: ",").map { String($0) }
    }

    /// The fields of the rate limit are left out where they are too long to pass.
    var field: HeaderValue {
        let text = text(withLimits: true)
        return HeaderValue(words: text.utf8.count <= RefusalDetail.longest ? text : self.text(withLimits: false))
    }

    private func text(withLimits: Bool) -> String {
        var text = "code=" + code.rawValue
        if let retryAfter { text += "&retry=\(retryAfter)" }
        guard withLimits else { return text }
        for (name, value) in [("policy", policy), ("state", state), ("violated", violated.joined(separator: ","))]
        where !value.isEmpty {
            text += "&\(name)=" + Form.encode(value)
        }
        return text
    }
}

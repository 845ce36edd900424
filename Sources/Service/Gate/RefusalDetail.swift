import HTTP

/// What X-Postern-Detail carries from a check to the role `denied`: `code=rate_limited&retry=12&policy=...`, in the form
/// of a query, so that it is one line of plain ASCII whatever is in it.
struct RefusalDetail: Sendable, Equatable {
    /// nginx keeps the whole head of an answer in one buffer of 4 or 8 KiB.
    private static let longest = 2048

    var code: RefusalCode
    /// s
    var retryAfter: Int?
    /// Scopes of which the user lacks one, with a space between.
    var scope = ""
    /// How old a login may be, s.
    var maxAge: Int?
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
        for (name, member) in problem.members {
            switch (name, member) {
            case ("violated-policies", .texts(let names)): violated = names
            case ("scope", .text(let text)): scope = text
            case ("max_age", .number(let seconds)): maxAge = seconds
            default: break
            }
        }
    }

    /// As it comes back; what it does not say, or says in a way that nobody here writes, is a plain 403.
    init(parsing text: String) {
        guard let form = try? Form(text.utf8), let code = form["code"].flatMap(RefusalCode.init(rawValue:)) else {
            self.init(.forbidden)
            return
        }
        self.init(code)
        retryAfter = form["retry"].flatMap { Int($0) }
        scope = form["scope"] ?? ""
        maxAge = form["max_age"].flatMap { Int($0) }
        policy = form["policy"] ?? ""
        state = form["state"] ?? ""
        violated = (form["violated"] ?? "").split(separator: ",").map { String($0) }
    }

    /// What is too long to pass is left out: the fields of the rate limit first, then the scopes.
    var field: HeaderValue {
        let texts = [text(scope, withLimits: true), text(scope, withLimits: false), text("", withLimits: false)]
        return HeaderValue(words: texts.first { $0.utf8.count <= RefusalDetail.longest } ?? texts[2])
    }

    private func text(_ scope: String, withLimits: Bool) -> String {
        var text = "code=" + code.rawValue
        if let retryAfter { text += "&retry=\(retryAfter)" }
        if let maxAge { text += "&max_age=\(maxAge)" }
        var texts = [("scope", scope)]
        if withLimits {
            texts += [("policy", policy), ("state", state), ("violated", violated.joined(separator: ","))]
        }
        for (name, value) in texts where !value.isEmpty { text += "&\(name)=" + Form.encode(value) }
        return text
    }
}

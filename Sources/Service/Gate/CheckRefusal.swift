import HTTP

/// How a check says no. nginx passes 401 and 403 and turns every other status into 500, so what is meant stands in
/// fields beside it: X-Postern-Status, and X-Postern-Detail for the role `denied`.
enum CheckRefusal {
    static func of(_ problem: Problem, _ spending: Spending) -> Problem {
        let detail = RefusalDetail(problem, spending)
        // No challenge: nginx would send it beside the one of `denied`.
        let status: Status = detail.code.status == .unauthorized ? .unauthorized : .forbidden
        var refusal = Problem(status, problem.code, problem.message, reason: problem.reason ?? "\(problem.code)")
        refusal.word = problem.word
        refusal.headers = [
            (.posternStatus, HeaderValue(detail.code.status.rawValue)), (.posternDetail, detail.field),
        ]
        return detail.retryAfter.map { refusal.with(.retryAfter, HeaderValue($0)) } ?? refusal
    }

    /// All of it stands in the head: nginx shows nobody the body of a check, and is told to store what a check answers
    /// (`fastcgi_store` in snippets/postern.conf), so that it would write each body to its disk.
    static func response(_ refusal: Problem) -> Response {
        var response = Response(refusal.status)
        for header in refusal.headers { response.add(header.name, header.value) }
        return response
    }
}

/// Why a check said no, in the words that its two roles share. A closed list: what comes back from nginx can only choose.
enum RefusalCode: String, Sendable, CaseIterable {
    case unauthorized
    case invalidToken = "invalid_token"
    case invalidCredentials = "invalid_credentials"
    case loginTooOld = "login_too_old"
    case invalidRequest = "invalid_request"
    case forbidden
    case insufficientScope = "insufficient_scope"
    case rateLimited = "rate_limited"
    case unavailable

    init(_ problem: Problem) {
        if let code = RefusalCode(rawValue: "\(problem.code)") {
            self = code
        } else {
            self = problem.status.rawValue >= 500 ? .unavailable : .forbidden
        }
    }

    var status: Status {
        switch self {
        case .unauthorized, .invalidToken, .invalidCredentials, .loginTooOld: .unauthorized
        case .invalidRequest: .badRequest
        case .forbidden, .insufficientScope: .forbidden
        case .rateLimited: .tooManyRequests
        case .unavailable: .serviceUnavailable
        }
    }
}

import HTTP

/// Why no password was looked at, as the client is told.
enum LoginProblems {
    static let busy = Problems.unavailable(reason: "logins_busy", retryAfter: 2)

    static let noTable = Problem(
        .serviceUnavailable, "unavailable", "Logins are not possible at the moment. Try again shortly.",
        reason: "no_rate_table"
    ).with(.retryAfter, HeaderValue(5))

    /// The web server always sends it; whoever does not must not become the one client without a budget.
    static let noAddress = Problem(
        .badRequest, "no_address", "The web server did not pass the client's address.")
}

import HTTP

/// Refusals that more than one place words.
enum Problems {
    static func unavailable(reason: String, retryAfter: Int = 1) -> Problem {
        Problem(
            .serviceUnavailable, "unavailable", "The service cannot answer at the moment. Try again shortly.",
            reason: reason
        ).with(.retryAfter, HeaderValue(retryAfter))
    }

    static func tooLarge() -> Problem {
        Problem(.contentTooLarge, "content_too_large", "The request body is too large.")
    }

    static func unsupported() -> Problem {
        Problem(
            .unsupportedMediaType, "unsupported_media_type",
            "Send application/json or application/x-www-form-urlencoded.")
    }

    static func field(_ name: String, _ message: String) -> Problem {
        Problem(.badRequest, "invalid_field", message, field: name)
    }

    static func body(_ message: String) -> Problem { Problem(.badRequest, "invalid_body", message) }

    static let peer = Problem(
        .forbidden, "forbidden", "This socket answers the web server only.", reason: "wrong_peer_secret")
}

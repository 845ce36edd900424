import HTTP

/// The last stage before the handler: the access rule of the route.
struct Authentication: Sendable {
    /// The challenge of a request that sent no credential.
    let challenge: HeaderValue

    /// - Parameter realm: the realm of WWW-Authenticate (RFC 6750 section 3).
    init(realm: String) { challenge = HeaderValue("Bearer realm=") + HeaderValue(quoting: realm) }

    func authenticate(_ admitted: Admitted) throws(Problem) -> Authenticated {
        switch (admitted.identified.routed.route.access, admitted.identified.identity) {
        case (.open, _), (.monitor, _), (.user, .user):
            return Authenticated(admitted: admitted)
        case (.user, .nobody(.noCredential)):
            // No error code where no credential was sent (RFC 6750 section 3.1).
            throw Problem(
                .unauthorized, "unauthorized", "Log in first: send an access token.", reason: "no_credential"
            ).with(.wwwAuthenticate, challenge)
        case (.user, .nobody(.refused(let reason))):
            let fault: HeaderValue = HeaderValue(
                ", error=\"invalid_token\", error_description=\"The access token is not valid\"")
            throw Problem(
                .unauthorized, "invalid_token", "The access token is not valid. Log in again.", reason: reason
            ).with(.wwwAuthenticate, challenge + fault)
        }
    }

    /// A request that is malformed rather than refused (RFC 6750 section 3.1, invalid_request).
    func malformed(_ message: String, reason: String) -> Problem {
        Problem(.badRequest, "invalid_request", message, reason: reason)
            .with(.wwwAuthenticate, challenge + HeaderValue(", error=\"invalid_request\""))
    }
}

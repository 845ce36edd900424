import Accounts
import HTTP

/// A request that may use its route.
struct Authenticated: Sendable {
    let admitted: Admitted

    fileprivate init(admitted: Admitted) { self.admitted = admitted }

    var context: RequestContext { admitted.identified.routed.context }
    var request: Request { context.request }

    /// The same request, that was charged once more on the way.
    func charged(_ admitted: Admitted) -> Authenticated { Authenticated(admitted: admitted) }

    /// The user of a route with `Access.user`, which nobody without one gets to; if it ever happened, the door stays
    /// shut.
    func knownUser() throws(Problem) -> User { try known().user }

    /// The user and how they proved who they are.
    func known() throws(Problem) -> (user: User, proof: Proof) {
        guard case .user(let user, let proof) = admitted.identified.identity else {
            throw Problem(.internalServerError, "internal_error", "Something is wrong here.", reason: "no_user")
        }
        return (user, proof)
    }
}

/// The last stage before the handler: the access rule of the route.
struct Authentication: Sendable {
    /// The challenge of a request that sent no credential.
    let challenge: HeaderValue

    /// - Parameter realm: the realm of WWW-Authenticate (RFC 6750 section 3).
    init(realm: String) { challenge = HeaderValue("Bearer realm=") + HeaderValue(quoting: realm) }

    func authenticate(_ admitted: Admitted) throws(Problem) -> Authenticated {
        switch (admitted.identified.routed.route.access, admitted.identified.identity) {
        case (.open, _), (.monitor, _), (.user, .user): return Authenticated(admitted: admitted)
        case (.user, .nobody(let absence)): throw problem(absence)
        }
    }

    /// What a request is told that needs a user and has none.
    func problem(_ absence: Absence) -> Problem {
        switch absence {
        case .noCredential:
            // No error code where no credential was sent (RFC 6750 section 3.1).
            return Problem(
                .unauthorized, "unauthorized", "Log in first: send an access token.", reason: "no_credential"
            ).with(.wwwAuthenticate, challenge)
        case .repeatedCredential:
            return Problem(
                .badRequest, "invalid_request", "Send one Authorization header.", reason: "repeated_credential"
            ).with(.wwwAuthenticate, challenge + HeaderValue(", error=\"invalid_request\""))
        case .refused(let reason):
            let fault: HeaderValue = HeaderValue(
                ", error=\"invalid_token\", error_description=\"The access token is not valid\"")
            return Problem(
                .unauthorized, "invalid_token", "The access token is not valid. Log in again.", reason: reason
            ).with(.wwwAuthenticate, challenge + fault)
        case .wrongPassword:
            return Problem(
                .unauthorized, "invalid_credentials", "The e-mail or the password is wrong.", reason: "login_refused"
            ).with(.wwwAuthenticate, challenge)
        }
    }
}

import Accounts
import HTTP

/// A request that may use its route.
struct Authenticated: Sendable {
    let admitted: Admitted
    /// A CORS preflight that its location lets through: it has no user.
    let isPreflight: Bool

    fileprivate init(admitted: Admitted, isPreflight: Bool = false) {
        self.admitted = admitted
        self.isPreflight = isPreflight
    }

    var context: RequestContext { admitted.identified.routed.context }
    var request: Request { context.request }

    /// The same request, that was charged once more on the way.
    func charged(_ admitted: Admitted) -> Authenticated { Authenticated(admitted: admitted, isPreflight: isPreflight) }

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

/// The last stage before the handler: the access rule of the route, and what the location behind a check asks for.
struct Authentication: Sendable {
    /// Whom a challenge is for.
    enum Place: Sendable {
        /// Postern's own API, which takes tokens alone.
        case api
        /// Locations behind a check, which may take passwords too.
        case gate

        init(_ role: Role?) { self = role == .check || role == .denied ? .gate : .api }
    }

    /// The challenge of a request that sent no credential.
    let challenge: HeaderValue
    /// The second one where locations take passwords (RFC 7617 section 2.1); nil where they do not.
    private let basic: HeaderValue?

    /// - Parameters:
    ///   - realm: the realm of WWW-Authenticate (RFC 6750 section 3).
    ///   - takesBasic: `gate.basic` of the settings.
    init(realm: String, takesBasic: Bool = false) {
        let realm = HeaderValue("realm=") + HeaderValue(quoting: realm)
        challenge = HeaderValue("Bearer ") + realm
        basic = takesBasic ? HeaderValue("Basic ") + realm + HeaderValue(", charset=\"UTF-8\"") : nil
    }

    func authenticate(_ admitted: Admitted) throws(Problem) -> Authenticated {
        let routed = admitted.identified.routed
        switch (routed.route.access, admitted.identified.identity) {
        case (.open, _), (.monitor, _): return Authenticated(admitted: admitted)
        case (.user, .user(let user, let proof)):
            if let requirement = routed.requirement,
                let unmet = requirement.unmet(by: user, proof, at: routed.context.moment)
            {
                throw problem(unmet, of: requirement)
            }
            return Authenticated(admitted: admitted)
        case (.user, .nobody(let absence)):
            if let requirement = routed.requirement, requirement.allowsPreflight, absence == .noCredential,
                Preflight.isOne(routed.context.request)
            {
                return Authenticated(admitted: admitted, isPreflight: true)
            }
            throw problem(absence, at: Place(routed.context.request.role))
        }
    }

    /// What a request is told that needs a user and has none.
    func problem(_ absence: Absence, at place: Place) -> Problem {
        switch absence {
        case .noCredential:
            // No error code where no credential was sent (RFC 6750 section 3.1).
            return challenging(
                Problem(.unauthorized, "unauthorized", "Log in first: send an access token.", reason: "no_credential"),
                "", at: place)
        case .repeatedCredential:
            return challenging(
                Problem(
                    .badRequest, "invalid_request", "Send one Authorization header.", reason: "repeated_credential"),
                ", error=\"invalid_request\"", at: .api)
        case .refused(let reason):
            return challenging(
                Problem(
                    .unauthorized, "invalid_token", "The access token is not valid. Log in again.", reason: reason),
                ", error=\"invalid_token\", error_description=\"The access token is not valid\"", at: place)
        case .wrongPassword(let reason):
            return challenging(
                Problem(
                    .unauthorized, "invalid_credentials", "The e-mail or the password is wrong.", reason: reason),
                "", at: place)
        }
    }

    /// - Parameter fault: what goes behind the realm of the first challenge.
    func challenging(_ problem: Problem, _ fault: StaticString, at place: Place) -> Problem {
        challenging(problem, HeaderValue(fault), at: place)
    }

    func challenging(_ problem: Problem, _ fault: HeaderValue, at place: Place) -> Problem {
        let first = problem.with(.wwwAuthenticate, challenge + fault)
        guard place == .gate, let basic else { return first }
        // A field of its own: not every browser finds the second of two in one.
        return first.with(.wwwAuthenticate, basic)
    }
}

import Accounts
import HTTP
import Tokens

/// A request whose credential, if any, has been looked at.
struct Identified: Sendable {
    let routed: Routed
    let identity: Identity

    fileprivate init(routed: Routed, identity: Identity) {
        self.routed = routed
        self.identity = identity
    }
}

/// The stage that finds out who asks: checks the credential, then matches the stored user. Never answers 401 itself;
/// 503 when it cannot be told.
struct Identification: Sendable {
    enum Step {
        case done(Identified)
        /// The user must be looked up: go on when `UserDirectory.join` answers.
        case look(UserDirectory.Name, Claims)
        /// The same of a service token or a password: go on when this answers.
        case wait(@Sendable (@escaping IdentityStep.Found) -> Void)
    }

    private let verifier: Verifier
    private let keys: KeySource
    private let directory: UserDirectory
    private let serviceTokens: ServiceTokenIdentification
    /// nil: passwords are not taken at protected locations.
    private let passwords: PasswordIdentification?

    init(
        verifier: Verifier, keys: KeySource, directory: UserDirectory, serviceTokens: ServiceTokenIdentification,
        passwords: PasswordIdentification?
    ) {
        self.verifier = verifier
        self.keys = keys
        self.directory = directory
        self.serviceTokens = serviceTokens
        self.passwords = passwords
    }

    /// Tokens of the Python service that were taken since these settings are in force.
    var migratedTokens: Int { Int(clamping: verifier.migrationUses) }

    func identify(_ routed: Routed) throws(Problem) -> Step {
        guard case .user = routed.route.access else { return .done(nobody(.noCredential, routed)) }
        switch BearerCredential(routed.context.request.headers) {
        case .absent: return try identifyByPassword(routed)
        case .malformed: return .done(nobody(.refused(reason: "malformed_credential"), routed))
        case .repeated: return .done(nobody(.repeatedCredential, routed))
        case .token(let text):
            guard ServiceTokenText.isOne(text) else { return try identify(by: text, routed) }
            return step(try serviceTokens.identify(text, routed.context), routed)
        }
    }

    /// Only a location that asks for it: what Postern itself serves takes tokens alone.
    private func identifyByPassword(_ routed: Routed) throws(Problem) -> Step {
        guard let passwords, let requirement = routed.requirement else {
            return .done(nobody(.noCredential, routed))
        }
        switch BasicCredential(routed.context.request.headers["authorization"]) {
        case .absent: return .done(nobody(.noCredential, routed))
        case .malformed: return .done(nobody(.wrongPassword(reason: "malformed_credential"), routed))
        case .password(let form):
            return step(try passwords.identify(form, routed.context, maxAge: requirement.maxAge), routed)
        }
    }

    private func step(_ step: IdentityStep, _ routed: Routed) -> Step {
        switch step {
        case .known(let identity): .done(Identified(routed: routed, identity: identity))
        case .pending(let start): .wait(start)
        }
    }

    private func identify(by token: String, _ routed: Routed) throws(Problem) -> Step {
        let claims: Claims
        do throws(TokenRefusal) {
            claims = try verifier.verify(token, with: keys.ring, at: routed.context.moment)
        } catch .unavailable {
            throw Problems.unavailable(reason: "cannot_verify")
        } catch {
            return .done(nobody(.refused(reason: error.reason), routed))
        }
        guard let name = Identification.name(of: claims) else {
            return .done(nobody(.refused(reason: "unknown_user"), routed))
        }
        switch directory.find(name, at: routed.context.moment) {
        case .known(let user): return .done(match(user, claims, routed))
        case .pending: return .look(name, claims)
        }
    }

    func join(_ name: UserDirectory.Name, _ found: @escaping UserDirectory.Found) {
        directory.join(name, found)
    }

    /// Goes on with the answer of a look-up.
    func identified(
        _ routed: Routed, _ claims: Claims, _ result: Result<User?, UserDirectory.Failure>
    ) throws(Problem) -> Identified {
        switch result {
        case .success(let user): return match(user, claims, routed)
        case .failure(let failure): throw failure.problem
        }
    }

    /// Goes on with what a service token or a password said.
    func identified(_ routed: Routed, _ result: Result<Identity, Problem>) throws(Problem) -> Identified {
        Identified(routed: routed, identity: try result.get())
    }

    /// The token must still say what the stored user says.
    private func match(_ user: User?, _ claims: Claims, _ routed: Routed) -> Identified {
        guard let user else { return nobody(.refused(reason: "unknown_user"), routed) }
        guard user.isActive else { return nobody(.refused(reason: "inactive_user"), routed) }
        guard isEmail(of: user, claims.email) else {
            return nobody(.refused(reason: "other_email"), routed)
        }
        guard claims.version == Int64(user.tokenVersion) else {
            return nobody(.refused(reason: "old_token_version"), routed)
        }
        return Identified(routed: routed, identity: .user(user, .accessToken(claims)))
    }

    /// Our own tokens hold the stored form; only another spelling, in a token of the old service, is normalised first.
    private func isEmail(of user: User, _ text: String) -> Bool {
        user.email.isSpelled(text) || (try? EmailAddress(text)) == user.email
    }

    private func nobody(_ absence: Absence, _ routed: Routed) -> Identified {
        Identified(routed: routed, identity: .nobody(absence))
    }

    private static func name(of claims: Claims) -> UserDirectory.Name? {
        switch claims.subject {
        case .user(let id, _): return UserID(id).map { .id($0) }
        // Only the verifier's migration setting lets a token without a client id through.
        case .email(let text): return (try? EmailAddress(text)).map { .email($0) }
        }
    }
}

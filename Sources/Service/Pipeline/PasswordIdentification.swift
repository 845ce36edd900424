import Accounts
import HTTP

/// Who asks, by the e-mail and the password that came with the request.
struct PasswordIdentification: Sendable {
    let door: BasicDoor
    let directory: UserDirectory

    /// - Parameter maxAge: how old a login may be, s; nil: as old as it is remembered.
    func identify(_ form: LoginForm, _ context: RequestContext, maxAge: Int?) throws(Problem) -> IdentityStep {
        let credential = try door.fingerprint(form, context)
        if let entered = door.find(credential, at: context.moment, maxAge: maxAge) { return look(entered, context) }
        return .pending { found in
            door.join(credential, form, context, maxAge: maxAge) { result in
                switch result {
                case .success(let entered): look(entered, context).whenKnown(found)
                case .failure(.refused): found(.success(.nobody(.wrongPassword(reason: "login_refused"))))
                case .failure(.problem(let problem)): found(.failure(problem))
                }
            }
        }
    }

    /// A password of a moment ago opens as long as an access token would that its user got for it.
    private func look(_ entered: BasicDoor.Entered, _ context: RequestContext) -> IdentityStep {
        let name = UserDirectory.Name.id(entered.user)
        switch directory.find(name, at: context.moment) {
        case .known(let user): return .known(identity(user, entered))
        case .pending:
            return .pending { found in
                directory.join(name) { result in
                    found(result.map { identity($0, entered) }.mapError(\.problem))
                }
            }
        }
    }

    private func identity(_ user: User?, _ entered: BasicDoor.Entered) -> Identity {
        guard let user else { return .nobody(.wrongPassword(reason: "unknown_user")) }
        guard user.isActive else { return .nobody(.wrongPassword(reason: "inactive_user")) }
        guard user.tokenVersion == entered.tokenVersion else {
            return .nobody(.wrongPassword(reason: "old_token_version"))
        }
        return .user(user, .password(since: entered.since))
    }
}

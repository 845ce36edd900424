import Accounts
import HTTP

/// Who asks, by a service token: `Authorization: Bearer postern_...`.
struct ServiceTokenIdentification: Sendable {
    let directory: ServiceTokenDirectory
    let uses: ServiceTokenUses
    let unknown: UnknownTokens

    /// - Throws: 429 where too many came from there that nobody has issued.
    func identify(_ text: String, _ context: RequestContext) throws(Problem) -> IdentityStep {
        guard let hash = ServiceTokenText.hash(text).flatMap({ Fingerprint($0) }) else {
            return .known(identity(nil, context))
        }
        switch directory.find(hash, at: context.moment) {
        case .known(let held): return .known(identity(held, context))
        case .pending:
            try unknown.admit(context)
            return .pending { found in
                directory.join(hash) { result in
                    if case .success(nil) = result { unknown.note(context) }
                    found(result.map { identity($0, context) }.mapError(\.problem))
                }
            }
        }
    }

    private func identity(_ held: HeldServiceToken?, _ context: RequestContext) -> Identity {
        guard let held else { return .nobody(.refused(reason: "unknown_service_token")) }
        // However long ago it was looked up: a token ends at its second.
        switch held.token.state(at: context.moment.wall) {
        case .revoked: return .nobody(.refused(reason: "revoked"))
        case .expired: return .nobody(.refused(reason: "expired"))
        case .active: break
        }
        guard held.user.isActive else { return .nobody(.refused(reason: "inactive_user")) }
        uses.note(held.token, from: context.request.remoteAddress, at: context.moment)
        return .user(
            held.user, .serviceToken(ServiceTokenProof(id: String(held.token.id), scopes: held.token.scopes)))
    }
}

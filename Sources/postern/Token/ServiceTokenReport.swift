import Accounts
import Service
import System

/// A service token as people and programs read it.
struct ServiceTokenReport: Equatable {
    static let heading = ["ID", "USER", "SCOPES", "STATE", "LAST USE", "FROM", "BY", "NOTE"]

    let token: ServiceToken
    let user: User?
    /// Seconds since 1970.
    let now: Int64

    init(_ token: ServiceToken, user: User?, now: Int64) {
        self.token = token
        self.user = user
        self.now = now
    }

    var row: [String] {
        [
            "\(token.id)", who, scopes, state, token.lastUsedAt.map(Timestamp.text) ?? "never", token.lastUsedAddress,
            token.madeBy, token.note,
        ]
    }

    /// "service token 7 of anna@example.com, scopes backup, until 2027-11-22T10:41:07Z. ..."
    var issued: String {
        let scopes = token.scopes.isEmpty ? "no scopes" : "scopes \(token.scopes.joined(separator: " "))"
        return "service token \(token.id) of \(TerminalText.safe(who)), \(scopes), \(end). It is shown this once. "
            + "To end it: postern token revoke \(token.id)"
    }

    /// - Parameter isNew: it was not revoked before.
    func revoked(isNew: Bool) -> String {
        let before = isNew ? "" : " before" + (token.revokedAt.map { ", at \(Timestamp.text($0))" } ?? "")
        return "service token \(token.id) of \(TerminalText.safe(who)): revoked\(before)"
    }

    private var who: String { user?.email.text ?? token.userID.description }

    private var end: String { token.expiresAt.map { "until \(Timestamp.text($0))" } ?? "without an end" }

    /// Those that count, then in parentheses those that the user has lost.
    private var scopes: String {
        let lost = token.scopes.filter { !isInForce($0) }
        let inForce = token.scopes.filter(isInForce)
        return (inForce + (lost.isEmpty ? [] : ["(\(lost.joined(separator: " ")))"])).joined(separator: " ")
    }

    private func isInForce(_ scope: String) -> Bool { user?.scopes.contains { hasSameBytes($0, scope) } ?? false }

    private var state: String {
        switch token.state(at: now) {
        case .revoked: "revoked"
        case .expired: "expired"
        case .active where user?.isActive == false: "user disabled"
        case .active:
            token.expiresAt.map { "\(TimeSpan.left(UInt64($0 - now) * 1_000_000_000)) left" } ?? "no end"
        }
    }

    /// Why a worker would refuse it now, in the journal's words; nil when it would not.
    var refusal: String? {
        switch token.state(at: now) {
        case .revoked: "revoked"
        case .expired: "expired"
        case .active: user?.isActive == false ? "inactive_user" : nil
        }
    }

    /// - Parameter secret: its text, on the one occasion.
    func json(secret: String? = nil) -> JSON {
        let head: [(name: String, value: JSON)] = secret.map { [("token", .text($0))] } ?? []
        return .object(
            [("id", .number(Int(token.id)))] + head + [
                ("user", .text(token.userID.description)), ("email", JSON(user?.email.text)),
                ("state", .text(refusal ?? "active")), ("scopes", .list(token.scopes.map(JSON.text))),
                ("scopes_in_force", .list(token.scopes.filter(isInForce).map(JSON.text))),
                ("note", .text(token.note)), ("made_by", .text(token.madeBy)),
                ("created_at", .text(Timestamp.text(token.createdAt))),
                ("expires_at", JSON(token.expiresAt.map(Timestamp.text))),
                ("revoked_at", JSON(token.revokedAt.map(Timestamp.text))),
                ("last_used_at", JSON(token.lastUsedAt.map(Timestamp.text))),
                ("last_used_address", JSON(token.lastUsedAddress.isEmpty ? nil : token.lastUsedAddress)),
            ])
    }
}

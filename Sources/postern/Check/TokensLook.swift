import Accounts
import Service
import System

/// Service tokens that end soon: a backup that was refused is noticed on the day when it is needed.
enum TokensLook {
    private static let days: Int64 = 14
    private static let shown = 5

    /// None where the database cannot be asked, which has a line of its own.
    static func findings(_ settings: Settings) -> [Finding] {
        do {
            let database = AccountsDatabase(try DatabaseSettings.place(settings), connections: 1)
            let tokens = try database.serviceTokens.list()
            let names = try database.users.names(of: tokens.map(\.userID))
            return [finding(tokens, names, now: Moment.now().wall)].compactMap { $0 }
        } catch {
            return []
        }
    }

    /// - Parameter tokens: those that hold now.
    static func finding(_ tokens: [ServiceToken], _ names: [UserID: EmailAddress], now: Int64) -> Finding? {
        let ending = tokens.compactMap { token in token.expiresAt.map { (token: token, end: $0) } }
            .filter { $0.end < now + days * 86_400 }.sorted { $0.end < $1.end }
        guard let first = ending.first?.token.id else { return nil }
        let parts = ending.prefix(shown).map { token, end in
            let who = names[token.userID]?.text ?? "\(token.userID)"
            let note = token.note.isEmpty ? "" : " (\(token.note))"
            return "\(token.id) of \(who)\(note) at \(Timestamp.text(end))"
        }
        let more = ending.count > shown ? " and \(ending.count - shown) more" : ""
        return .warn(
            "tokens", "service tokens end within \(days) days: \(parts.joined(separator: ", "))\(more)",
            cure: "postern token issue a new one, then postern token revoke \(first)")
    }
}

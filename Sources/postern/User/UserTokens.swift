import Accounts
import Service
import System

/// A user's service tokens that hold now; nil before schema 3, which brings them.
struct UserTokens {
    private let tokens: [ServiceToken]?
    private let user: User

    init(_ user: User, _ database: AccountsDatabase) throws(AccountsError) {
        self.user = user
        do throws(AccountsError) {
            tokens = try database.serviceTokens.list(user: user.id)
        } catch {
            guard case .notMigrated = error else { throw error }
            tokens = nil
        }
    }

    /// "2, the next ends 2026-12-01T00:00:00Z"
    var row: [String] {
        guard let tokens else { return ["service tokens", "none before schema 3. Cure: postern database migrate"] }
        let end = tokens.compactMap(\.expiresAt).min().map { ", the next ends \(Timestamp.text($0))" } ?? ""
        return ["service tokens", tokens.isEmpty ? "none" : "\(tokens.count)\(end)"]
    }

    var json: [(name: String, value: JSON)] {
        let now = Moment.now().wall
        let list = tokens.map { JSON.list($0.map { ServiceTokenReport($0, user: user, now: now).json() }) }
        return [("service_tokens", list ?? .null)]
    }
}

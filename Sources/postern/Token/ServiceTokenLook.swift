import Accounts
import Service
import System

/// Looks service tokens up for `token check`: whose is the one that somebody found?
struct ServiceTokenLook {
    private let database: AccountsDatabase

    init(_ settings: Settings) throws {
        database = AccountsDatabase(try DatabaseSettings.place(settings), connections: 1)
    }

    /// Nil for what does not claim to be one.
    func verdict(on line: [UInt8]) throws -> TokenVerdict? {
        let text = String(decoding: line, as: UTF8.self)
        guard ServiceTokenText.isOne(text) else { return nil }
        guard let hash = ServiceTokenText.hash(text), let (token, user) = try database.serviceTokens.find(hash: hash)
        else { return .service(nil) }
        return .service(ServiceTokenReport(token, user: user, now: Moment.now().wall))
    }
}

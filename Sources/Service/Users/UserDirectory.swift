import Accounts
import RateWindows
import System

/// How a token names its user. The old Python service put an e-mail where newer tokens have an id.
enum TokenUserName: Hashable, Sendable {
    case id(UserID)
    case email(EmailAddress)
}

/// The stored users.
typealias UserDirectory = Directory<TokenUserName, User>

extension Directory where Key == TokenUserName, Value == User {
    /// - Parameter cacheLife: s; 0 looks everything up.
    convenience init(store: UserStore, lane: Lane, table: Table, faults: DatabaseFaults, cacheLife: Int) {
        self.init(
            lane: lane, table: table, faults: faults, cacheLife: cacheLife, keepsAbsence: true
        ) { name throws(AccountsError) in
            switch name {
            case .id(let id): try store.find(id: id)
            case .email(let email): try store.find(email: email)
            }
        }
    }
}

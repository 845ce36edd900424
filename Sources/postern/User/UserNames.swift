import Accounts
import Service

/// Users for the ids that the rate table counts. While MariaDB is away the ids stand alone, and `failure` tells why.
final class UserNames {
    let database: AccountsDatabase?
    private(set) var failure: String?
    private var known: [UserID: User] = [:]
    private var asked: Set<UserID> = []

    init(_ settings: Settings) {
        do {
            database = AccountsDatabase(try DatabaseSettings.place(settings), connections: 1)
        } catch {
            database = nil
            failure = "\(error)"
        }
    }

    func user(_ id: UserID) -> User? {
        if asked.insert(id).inserted, let found = ask({ try $0.users.find(id: id) }) { known[id] = found }
        return known[id]
    }

    func user(_ email: EmailAddress) -> User? {
        guard let found = ask({ try $0.users.find(email: email) }) else { return nil }
        asked.insert(found.id)
        known[found.id] = found
        return found
    }

    /// Asks MariaDB; after the first failure not again, so that nobody waits for every row of a list.
    func ask<Result>(_ question: (AccountsDatabase) throws -> Result?) -> Result? {
        guard failure == nil, let database else { return nil }
        do {
            return try question(database)
        } catch {
            failure = "\(error)"
            return nil
        }
    }

    /// Before another look, minutes later perhaps: MariaDB may be back.
    func askAgain() { if database != nil { failure = nil } }

    /// To be called when everything is shown.
    func warn(_ consequence: String) {
        if let failure { Report.warning("\(failure). \(consequence)") }
    }
}

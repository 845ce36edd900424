import Accounts
import RateWindows
import System

/// A service token and whose it is, whatever became of either.
struct HeldServiceToken: Sendable {
    let token: ServiceToken
    let user: User
}

/// The stored service tokens, by the SHA-256 of their text.
typealias ServiceTokenDirectory = Directory<Fingerprint, HeldServiceToken>

extension Directory where Key == Fingerprint, Value == HeldServiceToken {
    /// Everybody can make up a text that looks like a service token, so unknown ones are not kept.
    ///
    /// - Parameter cacheLife: s; 0 looks everything up.
    convenience init(store: ServiceTokenStore, lane: Lane, table: Table, faults: DatabaseFaults, cacheLife: Int) {
        self.init(
            lane: lane, table: table, faults: faults, cacheLife: cacheLife, keepsAbsence: false
        ) { hash throws(AccountsError) in
            try store.find(hash: hash.bytes).map { HeldServiceToken(token: $0.0, user: $0.1) }
        }
    }
}

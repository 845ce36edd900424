import Accounts

/// Why a password was not looked at. The raw value stands in the events; the client is told of a wrong password.
enum BlockReason: String, Sendable {
    /// The network guessed its budget away, for as long as `[login] ban` says.
    case banned
    /// By `postern ban add`: the network, or the user.
    case bannedByHand = "banned_by_hand"
    /// Too soon after a wrong password for this e-mail from this network.
    case paused
    case networkBudget = "network_budget"
    case userBudget = "user_budget"
    /// This very password was wrong before: no new guess.
    case repeatedPassword = "repeated_password"
}

/// What keeps a password from being looked at.
enum LoginObstacle: Error, Sendable {
    case blocked(BlockReason)
    /// The rate table is away, and `[login] when_away` is "closed".
    case tableAway
    case database(AccountsError)
}

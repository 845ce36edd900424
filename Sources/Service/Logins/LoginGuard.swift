import Accounts
import RateWindows
import System

/// What stands before every password door: bans, pauses and the three budgets of failed logins.
///
/// A guess is charged before its hash and given back when the password was right, so guesses cannot be run in parallel,
/// and a worker that is killed in between gives none for free. Strangers can spend their own network's budget and the
/// one that a user has for all unknown networks, never the one for a network where the user has logged in before.
struct LoginGuard: Sendable {
    /// What an admitted guess holds while it is hashed.
    struct Reservation: Sendable {
        fileprivate let receipt: Receipt
        fileprivate let keys: GuessKeys
        /// The user's budget refused this password before, and its network has paid for it.
        fileprivate let isPaid: Bool
        /// Guesses that the tightest budget still has.
        let left: UInt32?
    }

    let rules: LoginRules
    let table: Table
    let bans: BansByHand
    let events: EventLog

    // MARK: Before the hash

    /// What can be told without the user.
    func look(at origin: LoginOrigin, _ moment: Moment) throws(LoginObstacle) {
        if bans.include(origin, at: moment) { throw .blocked(.bannedByHand) }
        guard !rules.exempts(origin) else { return }
        guard let isBanned = isBanned(origin, at: moment.boot), let isSpent = isSpent(origin, at: moment.boot) else {
            return try withoutTable()
        }
        if isBanned { throw .blocked(.banned) }
        if isSpent { throw .blocked(.networkBudget) }
    }

    /// Takes the places of one guess in all its budgets, or in none. nil: nothing is counted, because the network is
    /// exempt or the table is away and the settings say "open".
    ///
    /// - Parameter stored: nil for an e-mail that is nobody's. The client cannot tell it from another one: it spends
    ///   its network's budget, makes its pauses, and the same password is no new guess either.
    func reserve(_ attempt: LoginAttempt, _ stored: Credentials?) throws(LoginObstacle) -> Reservation? {
        let isBanned = stored.map { bans.include($0.user.id, at: attempt.moment) } ?? false
        guard !rules.exempts(attempt.origin) else {
            if isBanned { throw .blocked(.bannedByHand) }
            return nil
        }
        guard let keys = GuessKeys(table, attempt, stored), let userCharges = userCharges(attempt, stored) else {
            if isBanned { throw .blocked(.bannedByHand) }
            try withoutTable()
            return nil
        }
        let now = attempt.moment.boot
        if isMarked(keys.wrong, at: now) { throw .blocked(isBanned ? .bannedByHand : .repeatedPassword) }
        if isPaused(keys, at: now) { throw .blocked(isBanned ? .bannedByHand : .paused) }
        if isBanned {
            try chargeNetworkAlone(attempt, keys)
            throw .blocked(.bannedByHand)
        }
        let isPaid = isMarked(keys.unchecked, at: now)
        let charges = (isPaid ? [] : networkCharges(attempt.origin)) + userCharges
        switch table.decide(charges, at: now) {
        case .admitted(let standings, let receipt):
            return Reservation(
                receipt: receipt, keys: keys, isPaid: isPaid, left: standings.map(\.remaining).min())
        case .refused(_, _, let violated):
            if violated.contains(where: isOfNetwork) { throw .blocked(.networkBudget) }
            try chargeNetworkAlone(attempt, keys)
            throw .blocked(.userBudget)
        case .unavailable:
            try withoutTable()
            return nil
        }
    }

    // MARK: After it

    /// The password was right, or nobody looked at it: the guess was none.
    func giveBack(_ reservation: Reservation?) {
        if let reservation { table.giveBack(reservation.receipt) }
    }

    /// The password was right: its places are free again, and the next one has no pause. What others of this network
    /// have spent stays.
    func succeeded(_ reservation: Reservation?) {
        guard let reservation else { return }
        table.giveBack(reservation.receipt)
        if let pause = rules.pause { _ = table.clear(reservation.keys.pause, under: pause) }
    }

    /// The password was wrong, or its user may not log in: the places stay taken, and the next one has a longer pause.
    ///
    /// - Parameter isSure: the password was compared, and will be wrong again.
    func failed(_ attempt: LoginAttempt, _ reservation: Reservation?, isSure: Bool) {
        guard let reservation else { return }
        let now = attempt.now
        if isSure, let guess = rules.guess { table.mark(reservation.keys.wrong, under: guess, at: now) }
        guard !reservation.isPaid else { return }
        lengthenPause(reservation.keys, at: now)
        noteFailure(attempt.origin, at: now)
    }

    // MARK: Budgets

    /// nil while there is no table.
    private func isSpent(_ origin: LoginOrigin, at now: UInt64) -> Bool? {
        for charge in networkCharges(origin) {
            guard let standing = table.standing(of: charge.key, under: charge.rule, at: now) else { return nil }
            if standing.remaining == 0 { return true }
        }
        return false
    }

    private func hasPlace(_ key: Key, under rule: Rule, at now: UInt64) -> Bool {
        table.standing(of: key, under: rule, at: now).map { $0.remaining > 0 } ?? true
    }

    /// nil while there is no table.
    private func userCharges(_ attempt: LoginAttempt, _ stored: Credentials?) -> [Charge]? {
        guard let stored else { return [] }
        let user = Key.user(high: stored.user.id.high, low: stored.user.id.low)
        guard stored.isKnownNetwork else {
            return rules.perUserElsewhere.map { Charge(rule: $0, key: user, returnable: true) }
        }
        guard let pair = table.pair(user, attempt.origin.network) else { return nil }
        return rules.perUserAndNetwork.map { Charge(rule: $0, key: pair, returnable: true) }
    }

    private func networkCharges(_ origin: LoginOrigin) -> [Charge] {
        let own = rules.perNetwork.map { Charge(rule: $0, key: origin.network, returnable: true) }
        guard let wide = origin.wide else { return own }
        return own + rules.perWideNetwork.map { Charge(rule: $0, key: wide, returnable: true) }
    }

    private func isOfNetwork(_ rule: Rule) -> Bool {
        LimitNumbers.limit(ofRule: rule.number) == LimitNumbers.loginPerNetwork
    }

    /// A guess that the user's budget refuses, or a ban of the user, costs the network what a guess at an e-mail that is nobody's costs it.
    /// Else who counts what is left of their own network's budget could tell one from the other.
    private func chargeNetworkAlone(_ attempt: LoginAttempt, _ keys: GuessKeys) throws(LoginObstacle) {
        let now = attempt.moment.boot
        guard let guess = rules.guess, !isMarked(keys.unchecked, at: now) else { return }
        switch table.decide(networkCharges(attempt.origin), at: now) {
        case .admitted:
            table.mark(keys.unchecked, under: guess, at: now)
            lengthenPause(keys, at: now)
            noteFailure(attempt.origin, at: now)
        case .refused: throw .blocked(.networkBudget)
        case .unavailable: break
        }
    }

    // MARK: Pauses and repeated passwords

    private func isPaused(_ keys: GuessKeys, at now: UInt64) -> Bool {
        guard let pause = rules.pause, let marks = table.marks(of: keys.pause, under: pause, at: now), marks.count > 0
        else { return false }
        let length = rules.pauses[min(Int(marks.count), rules.pauses.count) - 1]
        return now < marks.newest + length
    }

    private func lengthenPause(_ keys: GuessKeys, at now: UInt64) {
        if let pause = rules.pause { table.mark(keys.pause, under: pause, at: now) }
    }

    private func isMarked(_ key: Key, at now: UInt64) -> Bool {
        rules.guess.flatMap { table.marks(of: key, under: $0, at: now) }.map { $0.count > 0 } ?? false
    }

    // MARK: Bans

    /// nil while there is no table.
    private func isBanned(_ origin: LoginOrigin, at now: UInt64) -> Bool? {
        guard let ban = rules.ban else { return false }
        return table.marks(of: origin.network, under: ban, at: now).map { $0.count > 0 }
    }

    /// The failure that takes the last place begins the ban; not where a sysadmin has given the places back since.
    private func noteFailure(_ origin: LoginOrigin, at now: UInt64) {
        var spent: Rule?
        for rule in rules.failures {
            switch table.decide(Charge(rule: rule, key: origin.network), at: now) {
            case .admitted(let standing, _): if standing.remaining == 0 { spent = spent ?? rule }
            case .refused: spent = spent ?? rule
            case .unavailable: break
            }
        }
        let mayGuess = rules.perNetwork.allSatisfy { hasPlace(origin.network, under: $0, at: now) }
        guard let spent, !mayGuess, let ban = rules.ban, isBanned(origin, at: now) == false,
            table.mark(origin.network, under: ban, at: now)
        else { return }
        events.notice(
            Event("ban.start").with("net", origin.network.text).with("for", DurationText.text(rules.banSeconds))
                .with("reason", "network_failures").with("count", spent.limit))
    }

    // MARK: Without a table

    private func withoutTable() throws(LoginObstacle) {
        if rules.whenAway == .closed { throw .tableAway }
    }
}

import RateWindows

/// `[login]` of the settings as rules of the rate table.
struct LoginRules: Sendable {
    // Budgets, one rule for each window: what may be guessed.
    let perNetwork: [Rule]
    /// Over the /48 of an IPv6 address.
    let perWideNetwork: [Rule]
    let perUserAndNetwork: [Rule]
    let perUserElsewhere: [Rule]

    /// Wrong passwords of a network, which its ban goes by. The budget cannot tell: it counts those too that are being
    /// hashed, and an office that logs in all at once must not be banned for it.
    let failures: [Rule]

    // Marks: what was seen.
    let ban: Rule?
    let pause: Rule?
    let guess: Rule?

    /// ns, by how many wrong passwords came before.
    let pauses: [UInt64]
    /// s; 0: none.
    let banSeconds: Int
    let exempt: [Network]
    let whenAway: WhenAway

    private static let second: UInt64 = 1_000_000_000
    /// How long a wrong password lengthens the pauses, ns.
    private static let pauseMemory = 600 * second
    /// How long the same wrong password is no new guess, ns, at least; longer where a budget looks back further. A
    /// telephone that has stored an old password spends one place of each budget, however often it tries.
    private static let guessMemory = 3600 * second

    init(_ settings: Settings.Login) {
        perNetwork = settings.perNetwork.rules(number: LimitNumbers.loginPerNetwork)
        perWideNetwork = settings.perNetwork.wideRules(number: LimitNumbers.loginPerNetwork)
        perUserAndNetwork = settings.perUserAndNetwork.rules(number: LimitNumbers.loginPerUserAndNetwork)
        perUserElsewhere = settings.perUserElsewhere.rules(number: LimitNumbers.loginPerUserElsewhere)
        failures = settings.ban > 0 ? settings.perNetwork.rules(number: LimitNumbers.loginFailures) : []
        ban = LoginRules.mark(LimitNumbers.loginBan, 1, UInt64(settings.ban) * LoginRules.second)
        // Of more marks than N the last N are kept, and more pauses than there are never differ.
        pause = LoginRules.mark(LimitNumbers.loginPause, settings.pauses.count, LoginRules.pauseMemory)
        let windows = (perNetwork + perUserAndNetwork + perUserElsewhere).map(\.window)
        guess = LoginRules.mark(LimitNumbers.loginGuess, 1, max(LoginRules.guessMemory, windows.max() ?? 0))
        pauses = settings.pauses.map { UInt64($0) * LoginRules.second }
        banSeconds = settings.ban
        exempt = settings.exempt
        whenAway = settings.whenAway
    }

    func exempts(_ origin: LoginOrigin) -> Bool { exempt.contains { $0.contains(origin.address) } }

    /// nil where the settings want none: a rule has an N and a window.
    private static func mark(_ number: UInt32, _ limit: Int, _ window: UInt64) -> Rule? {
        Rule(
            number: .init(truncatingIfNeeded: LimitNumbers.rule(of: number, window: 0)), limit: UInt32(limit),
            window: window)
    }
}

import RateWindows

/// The numbers that limits have in the rate table.
///
/// They are part of the keys there, shared by all workers and kept over restarts, so a number never changes its
/// meaning. A rule's number is the limit's times 16 plus the place of its window: 0 to 7 for the windows as they are
/// written, 8 to 15 for the same windows over the /48 of an IPv6 address.
public enum LimitNumbers {
    public static let login: UInt32 = 1
    public static let api: UInt32 = 2
    public static let search: UInt32 = 3

    // Failed logins: budgets.
    public static let loginPerNetwork: UInt32 = 4
    public static let loginPerUserAndNetwork: UInt32 = 5
    public static let loginPerUserElsewhere: UInt32 = 6
    /// What a network's ban goes by: wrong passwords alone.
    public static let loginFailures: UInt32 = 10
    // Failed logins: marks.
    public static let loginPause: UInt32 = 7
    public static let loginBan: UInt32 = 8
    public static let loginGuess: UInt32 = 9

    /// Service tokens that nobody has issued.
    public static let unknownTokens: UInt32 = 11

    /// The first number of a limit that the sysadmin names; below are Postern's own.
    public static let firstNamed: UInt32 = 256

    /// Postern's own, by the names of the settings; marks by what they stand for.
    public static let own: [(number: UInt32, name: String)] = [
        (login, "login"), (api, "api"), (search, "search"), (loginPerNetwork, "login.per_network"),
        (loginPerUserAndNetwork, "login.per_user_and_network"), (loginPerUserElsewhere, "login.per_user_elsewhere"),
        (loginPause, "login.pauses"), (loginBan, "login.ban"), (loginGuess, "login.guesses"),
        (loginFailures, "login.failures"), (unknownTokens, "tokens.unknown"),
    ]

    /// The number of a limit by its name. One that the sysadmin named has its number from the name alone, so that it
    /// is the same in every worker and after every restart: FNV-1a (32 bits, xor-folded to 20). The settings refuse
    /// two names with one number.
    public static func number(of name: String) -> UInt32 {
        if let known = own.first(where: { $0.name == name }) { return known.number }
        let hash = name.utf8.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return firstNamed + (hash >> 20 ^ hash & 0xf_ffff)
    }

    /// The name of the limit that a rule of the table belongs to; nil for one that the settings no longer have.
    ///
    /// - Parameter ruleNumber: as `Rule.number` and the table's entries have it.
    public static func name(ofRule ruleNumber: UInt32, in limits: Settings.Limits) -> String? {
        let number = limit(ofRule: ruleNumber)
        return own.first { $0.number == number }?.name
            ?? limits.named.keys.first { LimitNumbers.number(of: $0) == number }
    }

    public static func limit(ofRule ruleNumber: UInt32) -> UInt32 { ruleNumber >> 4 }

    /// Whether a rule counts the /48 around an IPv6 address.
    public static func isWide(rule ruleNumber: UInt32) -> Bool { ruleNumber & 8 != 0 }

    /// The number of the rule for one window of a limit.
    static func rule(of limit: UInt32, window: Int, isWide: Bool = false) -> UInt32 {
        limit << 4 | (isWide ? 8 : 0) | UInt32(window & 7)
    }
}

extension RateLimit {
    /// How much more a /48 may do than one address: whoever has a /48 has 65,536 networks of 64 bits.
    private static let wideFactor: UInt32 = 8

    /// The rules of the table, one for each window.
    public func rules(number: UInt32) -> [Rule] {
        windows.enumerated().compactMap { place, rate in
            Rule(number: LimitNumbers.rule(of: number, window: place), limit: rate.limit, window: rate.window)
        }
    }

    /// The same for the /48 of an IPv6 address: eight times N, as far as the table counts.
    public func wideRules(number: UInt32) -> [Rule] {
        windows.enumerated().compactMap { place, rate in
            let limit = min(Rule.limits.upperBound, rate.limit * RateLimit.wideFactor)
            return Rule(
                number: LimitNumbers.rule(of: number, window: place, isWide: true), limit: limit, window: rate.window)
        }
    }
}

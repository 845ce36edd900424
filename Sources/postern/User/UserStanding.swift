import Accounts
import RateWindows
import Service
import System

/// How a user stands now, for "Anna cannot log in": budgets, pauses and bans, each with what mends it.
struct UserStanding {
    struct Line {
        let what: String
        let state: String
        /// The command that mends it; empty where nothing is in the way.
        var cure = ""
        /// The reason of login events that this explains, and the network that they must come from.
        var reason = ""
        var network: Key?
        /// ns until it is over; 0 when nothing is in the way.
        var left: UInt64 = 0

        var isInTheWay: Bool { !cure.isEmpty }

        var json: JSON {
            .object([
                ("what", .text(what)), ("state", .text(state)), ("in_the_way", .flag(isInTheWay)),
                ("cure", JSON(isInTheWay ? cure : nil)),
            ])
        }
    }

    /// What is in the way comes first.
    let lines: [Line]

    init(
        _ user: User, networks: [Key], bans: [Ban], _ live: LiveTable?, now: Moment
    ) throws {
        var lines = user.isActive ? [] : [UserStanding.disabled(user)]
        lines += bans.compactMap { UserStanding.line($0, user, networks, now) }
        if let live {
            let counts = UserCounts(user, networks, live, now)
            lines += try live.entries(at: now.boot) { counts.isWanted($0) }.compactMap(counts.line)
        }
        self.lines = lines.filter(\.isInTheWay) + lines.filter { !$0.isInTheWay }
    }

    /// "free again in 12 min", where what blocked this login still holds.
    ///
    /// - Parameter isKnown: the user has logged in from its network, which then has a budget of its own.
    func freeAgain(_ event: LoginEvent, isKnown: Bool) -> String? {
        guard event.outcome == .blocked else { return nil }
        let network = Key(address: event.address)
        let line = lines.first { line in
            guard line.isInTheWay, line.reason == event.reason else { return false }
            if event.reason == "user_budget" { return line.network == (isKnown ? network : nil) }
            return line.network == nil || line.network == network
        }
        return line.map { $0.left == .max ? "until somebody ends it" : "free again in \(TimeSpan.left($0.left))" }
    }

    private static func disabled(_ user: User) -> Line {
        Line(
            what: "state", state: "disabled", cure: "postern user enable \(user.email)", reason: "inactive_user",
            left: .max)
    }

    /// A ban by hand of the user, or of a network that one of theirs lies in.
    private static func line(_ ban: Ban, _ user: User, _ networks: [Key], _ now: Moment) -> Line? {
        let left = ban.until.map { UInt64(max(0, $0 - now.wall)) * 1_000_000_000 } ?? .max
        let state =
            (left == .max ? "for ever" : "\(TimeSpan.left(left)) left") + ", by \(ban.madeBy)"
            + (ban.note.isEmpty ? "" : ": \(ban.note)")
        switch ban.subject {
        case .user(let id):
            guard id == user.id else { return nil }
            return Line(
                what: "banned by hand", state: state, cure: "postern ban remove \(user.email)",
                reason: "banned_by_hand", left: left)
        case .network(let text):
            guard let banned = Network(text),
                let network = networks.first(where: { banned.contains(String($0.text.prefix { $0 != "/" })) })
            else { return nil }
            return Line(
                what: "\(text) banned by hand", state: state, cure: "postern ban remove \(text)",
                reason: "banned_by_hand", network: network, left: left)
        }
    }
}

/// What the rate table counts of a user and of the networks they come from.
struct UserCounts {
    private let user: User
    private let settings: Settings
    private let now: Moment
    /// Keys of the user's own, and of the user at a network.
    private let own: Set<Key>
    private let pairs: [Key: Key]
    private let networks: Set<Key>

    init(_ user: User, _ networks: [Key], _ live: LiveTable, _ now: Moment) {
        self.user = user
        self.now = now
        settings = live.settings
        let id = Key.user(high: user.id.high, low: user.id.low)
        own = [id]
        var pairs: [Key: Key] = [:]
        for network in networks {
            for who in [id, live.table.email(user.email.text.utf8)].compactMap({ $0 }) {
                if let pair = live.table.pair(who, network) { pairs[pair] = network }
            }
        }
        self.pairs = pairs
        self.networks = Set(networks)
    }

    func isWanted(_ entry: EntryReport) -> Bool {
        entry.key.map { own.contains($0) || pairs[$0] != nil || networks.contains($0) } ?? false
    }

    func line(_ entry: EntryReport) -> UserStanding.Line? {
        guard let key = entry.key else { return nil }
        let network = pairs[key] ?? key
        let place = network.text
        switch (LimitNumbers.limit(ofRule: entry.number), entry.isMark) {
        case (LimitNumbers.loginPerUserElsewhere, false):
            return budget(
                entry, "wrong passwords from networks that are not known", reason: "user_budget", nil,
                cure: "postern ban remove \(user.email)")
        case (LimitNumbers.loginPerUserAndNetwork, false):
            return budget(
                entry, "wrong passwords of this user at \(place)", reason: "user_budget", network,
                cure: "postern limit clear \(user.email)")
        case (LimitNumbers.loginPerNetwork, false):
            return budget(
                entry, "wrong passwords of all users at \(place)", reason: "network_budget", network,
                cure: "postern ban remove \(place)")
        case (LimitNumbers.login, false) where entry.used >= entry.limit:
            return budget(
                entry, "logins at \(place) (429)", reason: "", network,
                cure: "postern limit clear \(place) --limit login")
        case (LimitNumbers.loginBan, true):
            let left = entry.endsAt > now.boot ? entry.endsAt - now.boot : 0
            return UserStanding.Line(
                what: "\(place) banned for failed logins", state: "\(TimeSpan.left(left)) left",
                cure: "postern ban remove \(place)", reason: "banned", network: network, left: left)
        case (LimitNumbers.loginPause, true): return pause(entry, network)
        default: return nil
        }
    }

    private func budget(
        _ entry: EntryReport, _ what: String, reason: String, _ network: Key?, cure: String
    ) -> UserStanding.Line {
        let used = "\(entry.used) of \(entry.limit) in \(TimeSpan.window(entry.window))"
        guard entry.used >= entry.limit, entry.freeAt > now.boot else {
            return UserStanding.Line(what: what, state: used)
        }
        let left = entry.freeAt - now.boot
        return UserStanding.Line(
            what: what, state: "\(used), next place in \(TimeSpan.left(left))", cure: cure, reason: reason,
            network: network, left: left)
    }

    /// After k wrong passwords the k-th pause, from the last of them on.
    private func pause(_ entry: EntryReport, _ network: Key) -> UserStanding.Line? {
        let pauses = settings.login.pauses
        guard !pauses.isEmpty, entry.used > 0 else { return nil }
        let pause = UInt64(pauses[min(Int(entry.used), pauses.count) - 1]) * 1_000_000_000
        guard entry.newest + pause > now.boot else { return nil }
        let left = entry.newest + pause - now.boot
        return UserStanding.Line(
            what: "pause at \(network.text)", state: "\(TimeSpan.left(left)) left",
            cure: "postern limit clear \(user.email) --limit login.pauses", reason: "paused", network: network,
            left: left)
    }
}

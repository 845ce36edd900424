import Accounts
import ArgumentParser
import RateWindows
import Service
import System

struct UserShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one user: the last logins, and what is in the way of the next.")

    @Argument(help: ArgumentHelp("Id or e-mail address.", valueName: "user")) var word: String
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let users = try UserAccess(settingsPath: config.path)
        let user = try users.user(word)
        let logins = try UserLogins(user, users, now: .now())
        let tokens = try UserTokens(user, users.database)
        if output.isJSON {
            try Report.line(UserReport.json(user, more: tokens.json + logins.json).text)
        } else {
            try Report.text(UserReport.details(user, more: [tokens.row]) + logins.text)
        }
        if let fault = logins.fault {
            Report.warning("\(fault). Budgets, pauses and bans for failed logins are not shown")
        }
    }
}

/// What became of a user's logins, and how the user stands now.
struct UserLogins {
    private static let shown = 20

    private let events: [LoginEvent]
    private let known: [KnownNetwork]
    private let standing: UserStanding
    /// Why the rate table could not be asked.
    let fault: String?

    init(_ user: User, _ users: UserAccess, now: Moment) throws {
        events = try users.database.loginEvents.last(of: user.id, limit: UserLogins.shown)
        known = try users.database.networks.known(of: user.id)
        let (table, fault) = UserLogins.table(users.settings)
        self.fault = fault
        standing = try UserStanding(
            user, networks: UserNetworks.keys(known, events), bans: try users.database.bans.active(), table, now: now)
    }

    /// Before a first worker has run there is none, and nothing is counted; that is no fault.
    private static func table(_ settings: Settings) -> (LiveTable?, fault: String?) {
        do throws(RateError) {
            return (try WorkersTable.open(settings).map { LiveTable(settings, $0) }, nil)
        } catch {
            return (nil, "\(error)")
        }
    }

    var text: String {
        var text = "\n"
        if events.isEmpty {
            text += "no logins yet\n"
        } else {
            var table = TextTable(["LAST LOGINS", "", "FROM", "DOOR"])
            for event in events {
                table.add([Timestamp.text(event.at / 1000), words(event), event.address, event.door])
            }
            text += table.text
        }
        var now = TextTable(["NOW", "", "CURE"])
        for line in standing.lines { now.add([line.what, line.state, line.cure]) }
        if !known.isEmpty { now.add(["known networks", known.map(\.network).joined(separator: " "), ""]) }
        if !standing.lines.contains(where: \.isInTheWay) { now.add(["nothing is in the way of a login", "", ""]) }
        return text + "\n" + now.text
    }

    /// "blocked: too many wrong passwords from other networks; free again in 12 min"
    private func words(_ event: LoginEvent) -> String {
        let words = LoginOutcomeText(event, user: nil, isKnownNetwork: isKnown(event)).words
        return words + (standing.freeAgain(event, isKnown: isKnown(event)).map { "; " + $0 } ?? "")
    }

    private func isKnown(_ event: LoginEvent) -> Bool {
        let network = Key(address: event.address)?.text
        return known.contains { $0.network == network }
    }

    var json: [(name: String, value: JSON)] {
        [
            (
                "logins",
                .list(events.map { LoginOutcomeText($0, user: nil, isKnownNetwork: isKnown($0)).json })
            ),
            ("standing", .list(standing.lines.map(\.json))),
            (
                "known_networks",
                .list(
                    known.map { network in
                        .object([
                            ("network", .text(network.network)),
                            ("first_login", .text(Timestamp.text(network.firstLogin))),
                            ("last_login", .text(Timestamp.text(network.lastLogin))),
                        ])
                    })
            ),
        ]
    }
}

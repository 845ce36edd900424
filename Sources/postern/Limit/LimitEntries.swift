import Accounts
import ArgumentParser
import RateWindows
import Service
import System

/// The live rate table, read for people.
struct LiveTable {
    let settings: Settings
    let table: Table
    let names: UserNames
    let labels: LimitLabels

    /// Reads the settings; run by root, becomes the service's user. A table that nobody has made yet is a failure.
    init(settingsPath: String) throws {
        let settings = try Rights.enter(settingsPath)
        guard let table = try WorkersTable.open(settings) else {
            throw Failure(
                "\(settings.service.ratesFile): nothing is counted yet, the first worker makes the table. "
                    + "Cure: systemctl start postern")
        }
        self.init(settings, table)
    }

    init(_ settings: Settings, _ table: Table) {
        self.settings = settings
        self.table = table
        names = UserNames(settings)
        labels = LimitLabels(settings)
    }

    /// Every entry that passes.
    func entries(at now: UInt64, _ isWanted: (EntryReport) -> Bool) throws -> [EntryReport] {
        var found: [EntryReport] = []
        let isWhole = table.entries(at: now) { if isWanted($0) { found.append($0) } }
        guard isWhole else { throw Failure("\(settings.service.ratesFile): was replaced while it was read. Try again") }
        return found
    }

    func user(of key: Key?) -> User? {
        guard let key, key.kind == .user else { return nil }
        return names.user(UserID(high: key.high, low: key.low))
    }
}

/// Which entries a list shows.
struct LimitFilter: ParsableArguments {
    @Option(name: .customLong("limit"), help: ArgumentHelp("Only this limit.", valueName: "name")) var limit: String?
    @Option(
        help: ArgumentHelp(
            "Only keys of this kind: address, network (/48), user, email, parameter, pair.", valueName: "kind"))
    var kind: String?
    @Flag(help: "Only keys without a free place.") var blocked = false
    @Option(name: .customLong("top"), help: "So many keys at most.") var most = 20

    mutating func validate() throws {
        if let kind, LimitFilter.kinds[kind] == nil {
            let known = LimitFilter.kinds.keys.sorted().joined(separator: ", ")
            throw ValidationError("unknown kind \"\(kind)\" (\(known))")
        }
        guard (1...100_000).contains(most) else { throw ValidationError("--top takes 1 to 100000") }
    }

    static let kinds: [String: Key.Kind] = [
        "address": .address, "network": .network, "user": .user, "email": .email, "parameter": .parameter,
        "pair": .pair,
    ]

    static func name(_ kind: Key.Kind) -> String { kinds.first { $0.value == kind }?.key ?? "guess" }

    /// Counts only; marks are told by `ban list` and `user show`.
    func test(_ labels: LimitLabels) throws(Failure) -> (EntryReport) -> Bool {
        let number: UInt32?
        if let limit { number = try labels.number(limit) } else { number = nil }
        let kind = kind.flatMap { LimitFilter.kinds[$0] }
        let blocked = blocked
        return { entry in
            !entry.isMark && (number == nil || LimitNumbers.limit(ofRule: entry.number) == number)
                && (kind == nil || entry.key?.kind == kind) && (!blocked || entry.used >= entry.limit)
        }
    }
}

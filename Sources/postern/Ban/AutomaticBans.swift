import RateWindows
import Service
import System

/// The bans that too many failed logins made: marks in the rate table, and the counts that led to them.
enum AutomaticBans {
    /// Those that hold; the last made first.
    static func all(_ table: Table, at now: UInt64) throws(Failure) -> [EntryReport] {
        var marks: [EntryReport] = []
        let isWhole = table.entries(at: now) { entry in
            if entry.isMark, LimitNumbers.limit(ofRule: entry.number) == LimitNumbers.loginBan { marks.append(entry) }
        }
        guard isWhole else { throw Failure("the rate table was replaced while it was read. Try again") }
        return marks.sorted { $0.newest > $1.newest }
    }

    /// The keys that failed logins of this network were counted by: an IPv6 /64 counts for its /48 as well. None for
    /// a wider network, which is never counted as one.
    static func keys(_ network: String) -> [Key] {
        guard let keys = try? CountedKeys.network(network) else { return [] }
        let wide = Key(network: String(network.prefix { $0 != "/" }))
        return keys + (wide.map { keys.contains($0) ? [] : [$0] } ?? [])
    }

    /// Ends the bans of a network, and forgets what it guessed: else its next wrong password would ban it again.
    ///
    /// - Parameter keys: of an address, both widths.
    /// - Returns: the entries that were cleared.
    static func remove(_ keys: [Key], from table: Table, at now: UInt64) -> [EntryReport] {
        clear(table, at: now) { entry in
            let numbers = [LimitNumbers.loginBan, LimitNumbers.loginFailures, LimitNumbers.loginPerNetwork]
            return entry.key.map(keys.contains) ?? false && numbers.contains(LimitNumbers.limit(ofRule: entry.number))
        }
    }

    /// Gives a user the guesses back that others spent from networks where the user never logged in.
    static func forgive(_ user: Key, in table: Table, at now: UInt64) -> [EntryReport] {
        clear(table, at: now) { entry in
            entry.key == user && LimitNumbers.limit(ofRule: entry.number) == LimitNumbers.loginPerUserElsewhere
        }
    }

    private static func clear(
        _ table: Table, at now: UInt64, _ isWanted: (EntryReport) -> Bool
    ) -> [EntryReport] {
        var entries: [EntryReport] = []
        _ = table.entries(at: now) { if isWanted($0) { entries.append($0) } }
        return LimitClear.clear(entries, in: table)
    }
}

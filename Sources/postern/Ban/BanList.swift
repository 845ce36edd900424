import Accounts
import ArgumentParser
import RateWindows
import Service
import System

struct BanList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Bans made by hand, and those that too many failed logins made.")

    @Flag(name: .customLong("ended"), help: "Also bans by hand that are over.") var includesEnded = false
    @OptionGroup var output: OutputOption
    @OptionGroup var config: SettingsOption

    func run() throws {
        let settings = try Rights.enter(config.path)
        let names = UserNames(settings)
        let now = Moment.now()
        var faults: [String] = []
        let bans = byHand(names, now, &faults) + BanList.automatic(settings, now, &faults)
        if output.isJSON {
            try Report.line(JSON.lines(bans.map(\.json)))
        } else if bans.isEmpty {
            if faults.isEmpty { try Report.line("nobody is banned") }
        } else {
            var table = TextTable(BanText.heading)
            for ban in bans { table.add(ban.row) }
            try Report.text(table.text)
        }
        for fault in faults { Report.warning(fault) }
        // A part of the list is no list for a program.
        if !faults.isEmpty { throw ExitCode(ExitStatus.failed) }
    }

    private func byHand(_ names: UserNames, _ now: Moment, _ faults: inout [String]) -> [BanText] {
        do {
            guard let bans = try names.database?.bans.list(includeEnded: includesEnded) else {
                faults.append("\(names.failure ?? "no database"). Bans by hand are not shown")
                return []
            }
            return bans.map { ban in
                if case .user(let id) = ban.subject { return BanText(byHand: ban, user: names.user(id), now: now) }
                return BanText(byHand: ban, user: nil, now: now)
            }
        } catch {
            faults.append("\(error). Bans by hand are not shown")
            return []
        }
    }

    private static func automatic(_ settings: Settings, _ now: Moment, _ faults: inout [String]) -> [BanText] {
        do {
            // Without a table nothing was counted, so nobody is banned for it.
            guard let table = try WorkersTable.open(settings) else { return [] }
            return try AutomaticBans.all(table, at: now.boot).compactMap { BanText(mark: $0, now: now) }
        } catch {
            faults.append("\(error). Bans for failed logins are not shown")
            return []
        }
    }
}

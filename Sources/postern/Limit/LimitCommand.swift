import ArgumentParser

struct LimitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit", abstract: "What the rate limits count now: list, show, top, clear.",
        subcommands: [LimitList.self, LimitShow.self, LimitTop.self, LimitClear.self])

    func run() throws { throw incomplete(LimitCommand.self) }
}

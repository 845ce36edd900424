import ArgumentParser

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The key that signs tokens: list, generate.",
        subcommands: [KeyList.self, KeyGenerate.self])

    func run() throws { throw incomplete(KeyCommand.self) }
}

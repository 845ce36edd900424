import Service

/// posternd's three flags; the rest is for `postern`.
struct Arguments: Equatable {
    enum Action: Equatable {
        case serve
        case check
        case version
        case help
        /// Password hashes for the worker that started this process; nobody else asks for it.
        case computeHashes
    }

    struct Fault: Error, Equatable { let reason: String }

    var action = Action.serve
    var settingsPath = SettingsFile.standardPath

    init(_ words: [String]) throws(Fault) {
        if words == [Worker.hashArgument] {
            action = .computeHashes
            return
        }
        var words = words[...]
        while let word = words.popFirst() {
            switch word {
            case "--check": action = .check
            case "--version": action = .version
            case "--help", "-h": action = .help
            case "--config":
                guard let path = words.popFirst() else { throw Fault(reason: "--config needs a file") }
                settingsPath = path
            default:
                guard word.hasPrefix("--config=") else { throw Fault(reason: "unknown argument \"\(word)\"") }
                settingsPath = String(word.dropFirst("--config=".count))
            }
        }
    }

    static let usage = """
        Usage: posternd [--config FILE] [--check | --version]
          --config FILE   settings, \(SettingsFile.standardPath) by default
          --check         are settings, key and the table's place usable? 0 yes, 78 no
          --version       the version
        As a CGI program it takes no arguments; POSTERN_CONFIG in its environment names the settings.
        systemd starts it: systemctl start postern. Everything else: postern --help

        """
}

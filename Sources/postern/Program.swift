import Accounts
import ArgumentParser
import System

/// From the arguments to an exit status: 0 done, 1 failed, 2 unusable arguments, 3 not found.
enum Program {
    static func run(_ words: [String]) -> Int32 {
        var command: any ParsableCommand
        do {
            command = try Postern.parseAsRoot(words)
        } catch {
            return report(unparsed: error, words)
        }
        do {
            try command.run()
            return ExitStatus.done
        } catch {
            return report(failed: error)
        }
    }

    /// Help and version are no failures; everything else is about the arguments.
    private static func report(unparsed error: any Error, _ words: [String]) -> Int32 {
        let text = Postern.fullMessage(for: error)
        guard Postern.exitCode(for: error).rawValue != 0 else {
            try? StandardStreams.output(ended(text))
            return ExitStatus.done
        }
        // A secret that was typed as an argument by mistake is not repeated.
        let secrets = words.filter { $0.utf8.count > 20 && !$0.hasPrefix("-") }
        let discreet = secrets.reduce(text) { $0.replacing($1, with: "…") }
        let message = discreet.hasPrefix("Error: ") ? String(discreet.dropFirst("Error: ".count)) : discreet
        if NagiosLine.isWanted(words) {
            let line = NagiosLine(unknown: String(message.prefix { $0 != "\n" }))
            try? StandardStreams.output(line.text + "\n")
            return line.status
        }
        try? StandardStreams.error("postern: " + ended(message))
        return ExitStatus.unusable
    }

    private static func report(failed error: any Error) -> Int32 {
        switch error {
        case let code as ExitCode:
            return code.rawValue
        case let failure as Failure:
            Report.error(failure.text)
            return failure.status
        case _ where Postern.exitCode(for: error).rawValue == ExitStatus.done:
            // Help that was asked for.
            try? StandardStreams.output(ended(Postern.fullMessage(for: error)))
            return ExitStatus.done
        case AccountsError.notFound:
            Report.error("\(error)")
            return ExitStatus.notFound
        default:
            Report.error("\(error)")
            return ExitStatus.failed
        }
    }

    private static func ended(_ text: String) -> String { text.hasSuffix("\n") ? text : text + "\n" }
}

enum ExitStatus {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let unusable: Int32 = 2
    static let notFound: Int32 = 3
}

/// What a command gives up with: a text that names file, key, reason and cure, and the exit status.
struct Failure: Error, Equatable {
    let text: String
    let status: Int32

    init(_ text: String, status: Int32 = ExitStatus.failed) {
        self.text = text
        self.status = status
    }
}

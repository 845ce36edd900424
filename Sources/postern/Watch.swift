import ArgumentParser
import System

struct WatchOption: ParsableArguments {
    @Flag(name: .customLong("watch"), help: "Show it again every two seconds, until Ctrl-C.")
    var isOn = false
}

/// What is shown again and again: on a terminal in place, into a pipe one block after the other (top(1), batch mode).
enum Watch {
    private static let interval: UInt32 = 2_000_000
    /// Cursor to the corner, the rest of the screen empty.
    private static let clear = "\u{1b}[H\u{1b}[2J"

    /// - Parameter text: ends with a line feed. An error ends the watch; Ctrl-C ends the program.
    static func run(_ option: WatchOption, isJSON: Bool, _ text: () throws -> String) throws {
        guard option.isOn else { return try Report.text(try text()) }
        let isTerminal = StandardStreams.outputIsTerminal && !isJSON
        while true {
            let block = try text()
            try Report.text(isTerminal ? clear + block : block + (isJSON ? "" : "\n"))
            Threads.pause(microseconds: interval)
        }
    }
}

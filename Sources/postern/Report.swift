import System

/// What the command says: results on standard output, everything else on standard error.
enum Report {
    static func line(_ text: String) throws(SystemError) { try StandardStreams.output(text + "\n") }

    /// A text that ends with its own line feed.
    static func text(_ text: String) throws(SystemError) { try StandardStreams.output(text) }

    /// What goes with a result that stands alone on standard output.
    static func note(_ text: String) { error(text) }

    static func warning(_ text: String) { error("warning: " + text) }

    static func error(_ text: String) { try? StandardStreams.error("postern: \(text)\n") }
}

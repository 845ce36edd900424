import Logging
import System

/// One thing that happened, as a line that people read and fail2ban parses: `name key=value key=value`.
///
/// The first word is stable. Values never hold a password, a token or a key.
public struct Event: Sendable {
    public let name: StaticString
    public var fields: [(name: StaticString, value: String)] = []

    public init(_ name: StaticString) { self.name = name }

    public func with(_ name: StaticString, _ value: String?) -> Event {
        guard let value else { return self }
        var copy = self
        copy.fields.append((name, value))
        return copy
    }

    public func with(_ name: StaticString, _ value: some BinaryInteger) -> Event { with(name, String(value)) }

    /// The line; a value with a space, a quote or a control character is quoted and escaped, so it stays one line.
    public var line: String {
        var line = "\(name)"
        for field in fields { line += " \(field.name)=\(Event.escaped(field.value))" }
        return line
    }

    private static func escaped(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c && $0 != 0x3d }
        if isPlain && !value.isEmpty { return value }
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5c: text += "\\\(scalar)"
            // Bidirectional marks would let a value rewrite the line on a terminal.
            case 0..<0x20, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

/// Writes events through swift-log to the journal.
public struct EventLog: Sendable {
    private let logger: Logger
    /// Whether a request that is served makes a line: asked at each of them.
    public let writesInfo: Bool

    public init(journal: Journal, level: Logger.Level) {
        var logger = Logger(label: "postern") { _ in JournalLogHandler(journal: journal) }
        logger.logLevel = level
        self.logger = logger
        writesInfo = level <= .info
    }

    /// For tests: events go to `handler`.
    public init(handler: any LogHandler) {
        logger = Logger(label: "postern") { _ in handler }
        writesInfo = logger.logLevel <= .info
    }

    public func notice(_ event: Event) { write(event, .notice) }
    public func warning(_ event: Event) { write(event, .warning) }
    public func error(_ event: Event) { write(event, .error) }
    public func info(_ event: @autoclosure () -> Event) {
        if writesInfo { write(event(), .info) }
    }

    private func write(_ event: Event, _ level: Logger.Level) {
        logger.log(level: level, "\(event.line)", metadata: ["event": "\(event.name)"])
    }
}

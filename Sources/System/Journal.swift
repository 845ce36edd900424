import Glibc

/// One line to the journal with native fields, or to standard error where there is no journal.
///
/// Protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL; priorities are syslog's (syslog(3)).
public struct Journal: Sendable {
    public enum Priority: Int, Sendable {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
        case debug = 7
    }

    private static let socketPath = "/run/systemd/journal/socket"
    private let isNative: Bool
    private let identifier: String

    /// Native only when standard error is the journal's own stream (JOURNAL_STREAM, systemd.exec(5)).
    public init(identifier: String) {
        self.identifier = identifier
        isNative = Journal.standardErrorIsJournal()
    }

    /// Writes `message`; `fields` are further journal fields, their names in upper case.
    public func write(_ message: String, priority: Priority, fields: [(String, String)] = []) {
        if isNative {
            var entry: [UInt8] = []
            Journal.append("MESSAGE", message, to: &entry)
            Journal.append("PRIORITY", String(priority.rawValue), to: &entry)
            Journal.append("SYSLOG_IDENTIFIER", identifier, to: &entry)
            for (name, value) in fields { Journal.append(name, value, to: &entry) }
            if DatagramSocket.send(entry, to: Journal.socketPath) { return }
        }
        // One write(2) of the whole line, so that lines of several workers do not mix.
        let prefix = Environment.value("JOURNAL_STREAM") == nil ? "" : "<\(priority.rawValue)>"
        try? StandardStreams.error(prefix + message + "\n")
    }

    private static func append(_ name: String, _ value: String, to entry: inout [UInt8]) {
        entry += Array(name.utf8)
        let bytes = Array(value.utf8)
        if bytes.contains(UInt8(ascii: "\n")) {
            entry.append(UInt8(ascii: "\n"))
            var length = UInt64(bytes.count).littleEndian
            unsafe withUnsafeBytes(of: &length) { unsafe entry.append(contentsOf: $0) }
        } else {
            entry.append(UInt8(ascii: "="))
        }
        entry += bytes
        entry.append(UInt8(ascii: "\n"))
    }

    private static func standardErrorIsJournal() -> Bool {
        guard let stream = Environment.value("JOURNAL_STREAM") else { return false }
        var buffer = stat()
        guard unsafe fstat(STDERR_FILENO, &buffer) == 0 else { return false }
        return stream == "\(buffer.st_dev):\(buffer.st_ino)"
    }
}

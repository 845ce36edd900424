import Glibc
import Synchronization

/// One line to the journal with native fields, or to standard error where there is no journal.
///
/// A log that nobody reads must not hold a request: a line that cannot be written at once is dropped and counted.
/// Protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL; priorities are syslog's (syslog(3)).
public final class Journal: Sendable {
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
    private let stream: LineStream
    private let drops = Atomic<Int>(0)

    /// Native only when standard error is the journal's own stream (JOURNAL_STREAM, systemd.exec(5)).
    public convenience init(identifier: String) {
        self.init(identifier: identifier, descriptor: STDERR_FILENO)
    }

    /// - Parameter descriptor: in place of standard error; stays the caller's.
    public init(identifier: String, descriptor: Int32) {
        self.identifier = identifier
        isNative = Journal.isJournal(descriptor)
        stream = LineStream(descriptor)
    }

    /// Lines that were lost because the journal, or the reader of standard error, did not take them.
    public var dropped: Int { drops.load(ordering: .relaxed) }

    /// Writes `message`; `fields` are further journal fields, their names in upper case.
    public func write(_ message: String, priority: Priority, fields: [(String, String)] = []) {
        if isNative {
            switch DatagramSocket.send(entry(message, priority, fields), to: Journal.socketPath) {
            case .sent: return
            case .full: return drop()
            // While journald starts anew, its stream still takes lines.
            case .failed: break
            }
        }
        let prefix = Environment.value("JOURNAL_STREAM") == nil ? "" : "<\(priority.rawValue)>"
        if !stream.write(prefix + message) { drop() }
    }

    private func drop() { drops.add(1, ordering: .relaxed) }

    private func entry(_ message: String, _ priority: Priority, _ fields: [(String, String)]) -> [UInt8] {
        var entry: [UInt8] = []
        Journal.append("MESSAGE", message, to: &entry)
        Journal.append("PRIORITY", String(priority.rawValue), to: &entry)
        Journal.append("SYSLOG_IDENTIFIER", identifier, to: &entry)
        for (name, value) in fields { Journal.append(name, value, to: &entry) }
        return entry
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

    private static func isJournal(_ descriptor: Int32) -> Bool {
        guard let stream = Environment.value("JOURNAL_STREAM") else { return false }
        var buffer = stat()
        guard unsafe fstat(descriptor, &buffer) == 0 else { return false }
        return stream == "\(buffer.st_dev):\(buffer.st_ino)"
    }
}

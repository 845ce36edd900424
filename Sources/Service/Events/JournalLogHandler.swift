import Logging
import System

/// swift-log to the journal: the line as MESSAGE, metadata as fields with the prefix POSTERN_.
struct JournalLogHandler: LogHandler {
    var logLevel: Logger.Level = .notice
    var metadata: Logger.Metadata = [:]
    private let journal: Journal

    init(journal: Journal) { self.journal = journal }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).map { ("POSTERN_" + $0.key.uppercased(), "\($0.value)") }
        journal.write("\(event.message)", priority: JournalLogHandler.priority(event.level), fields: fields)
    }

    private static func priority(_ level: Logger.Level) -> Journal.Priority {
        switch level {
        case .critical, .error: .error
        case .warning: .warning
        case .notice: .notice
        case .info: .info
        case .debug, .trace: .debug
        }
    }
}

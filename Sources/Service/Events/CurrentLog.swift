import Logging
import Synchronization
import System

/// The event log of the settings in force, for what outlives a reload.
final class CurrentLog: Sendable {
    private let journal = Journal(identifier: "postern")
    private let current: Mutex<EventLog>

    init(_ settings: Settings) {
        current = Mutex(CurrentLog.log(settings, journal))
    }

    var events: EventLog { current.withLock { $0 } }

    /// Lines that were lost since the start.
    var dropped: Int { journal.dropped }

    /// A log of these settings, to be put in force when all of them are.
    func make(_ settings: Settings) -> EventLog { CurrentLog.log(settings, journal) }

    func replace(_ events: EventLog) { current.withLock { $0 = events } }

    private static func log(_ settings: Settings, _ journal: Journal) -> EventLog {
        EventLog(journal: journal, level: Logger.Level(rawValue: settings.log.level) ?? .notice)
    }
}

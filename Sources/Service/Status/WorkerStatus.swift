/// What a worker tells of itself, in a file that `postern status` reads: `name value` lines.
///
/// Times are ns of CLOCK_BOOTTIME or s since 1970, as their names say.
public struct WorkerStatus: Sendable, Equatable {
    public enum State: String, Sendable {
        case ready
        /// A thread makes no progress: the watchdog will end the process.
        case notSound = "not_sound"
        case draining
    }

    public var pid = 0
    /// As systemd or the quickstart counts it; "-" for a worker started by hand.
    public var number = "-"
    public var release = ""
    public var state = State.ready
    /// Of proc(5), so that another process with the same number is not taken for this one.
    public var startTicks = 0
    public var startedWall = 0
    public var writtenBoot = 0
    public var writtenWall = 0
    /// When the settings in force were read.
    public var settingsWall = 0
    /// How often a worker of this number ended without cleaning up, since the last time that one ended in order.
    public var crashes = 0
    /// The last of these, 0 when there was none.
    public var crashWall = 0

    public var isDatabaseAway = false
    public var isTableLost = false
    public var keys = 0
    public var connections = 0

    /// Since the start.
    public var answers = AnswerTotals()
    public var checks = CheckTotals()
    /// The last seconds, and how many ms they are.
    public var recent = AnswerTotals()
    public var recentChecks = CheckTotals()
    public var recentMilliseconds = 0
    public var logins = LoginTotals()

    /// The hash lane: running mean, and logins that wait.
    public var hashMicroseconds = 0
    public var hashWaiting = 0
    public var hashRoom = 0

    public init() {}
}

// MARK: As a file

extension WorkerStatus {
    /// Each value by its name, for both directions.
    private struct Field: Sendable {
        let name: String
        let get: @Sendable (WorkerStatus) -> String
        /// False for a text that is no such value.
        let set: @Sendable (inout WorkerStatus, String) -> Bool

        static func number(_ name: String, _ path: any (WritableKeyPath<WorkerStatus, Int> & Sendable)) -> Field {
            Field(name: name, get: { String($0[keyPath: path]) }) { status, text in
                guard let number = Int(text), number >= 0 else { return false }
                status[keyPath: path] = number
                return true
            }
        }

        static func flag(_ name: String, _ path: any (WritableKeyPath<WorkerStatus, Bool> & Sendable)) -> Field {
            Field(name: name, get: { $0[keyPath: path] ? "yes" : "no" }) { status, text in
                guard text == "yes" || text == "no" else { return false }
                status[keyPath: path] = text == "yes"
                return true
            }
        }

        /// Numbers with spaces between; as many as there are.
        static func numbers(_ name: String, _ path: any (WritableKeyPath<WorkerStatus, [Int]> & Sendable)) -> Field {
            Field(name: name, get: { $0[keyPath: path].map(String.init).joined(separator: " ") }) { status, text in
                let numbers = text.split(separator: " ").compactMap { Int($0) }
                guard numbers.count == status[keyPath: path].count, numbers.allSatisfy({ $0 >= 0 }) else {
                    return false
                }
                status[keyPath: path] = numbers
                return true
            }
        }
    }

    private static let fields: [Field] = [
        .number("pid", \.pid),
        Field(name: "worker", get: { $0.number }) { status, text in
            status.number = text
            return true
        },
        Field(name: "release", get: { $0.release }) { status, text in
            status.release = text
            return true
        },
        Field(name: "state", get: { $0.state.rawValue }) { status, text in
            guard let state = State(rawValue: text) else { return false }
            status.state = state
            return true
        },
        .number("start_ticks", \.startTicks), .number("started_wall", \.startedWall),
        .number("written_boot", \.writtenBoot), .number("written_wall", \.writtenWall),
        .number("settings_wall", \.settingsWall), .number("crashes", \.crashes), .number("crash_wall", \.crashWall),
        .flag("database_away", \.isDatabaseAway), .flag("table_lost", \.isTableLost), .number("keys", \.keys),
        .number("connections", \.connections), .numbers("answers", \.answers.classes),
        .number("recent_ms", \.recentMilliseconds), .numbers("recent_answers", \.recent.classes),
        .numbers("recent_steps", \.recent.steps), .numbers("checks", \.checks.classes),
        .numbers("recent_checks", \.recentChecks.classes), .number("logins_ok", \.logins.ok),
        .number("logins_failed", \.logins.failed), .number("logins_blocked", \.logins.blocked),
        .number("logins_busy", \.logins.busy), .number("hash_us", \.hashMicroseconds),
        .number("hash_waiting", \.hashWaiting), .number("hash_room", \.hashRoom),
    ]

    var text: String { WorkerStatus.fields.map { "\($0.name) \($0.get(self))\n" }.joined() }

    /// Without them nobody can tell whose status it is, and from when.
    private static let needed: Set<String> = ["pid", "start_ticks", "written_boot"]

    /// `nil` when one of these is missing or a value is none. During an upgrade another release reads: names that it
    /// does not know are passed over, values that are not there keep their defaults.
    init?(text: String) {
        var values: [Substring: String] = [:]
        for line in text.split(separator: "\n") {
            let name = line.prefix { $0 != " " }
            values[name] = String(line.dropFirst(name.count + 1))
        }
        self.init()
        for field in WorkerStatus.fields {
            guard let value = values[field.name[...]] else {
                if WorkerStatus.needed.contains(field.name) { return nil }
                continue
            }
            guard field.set(&self, value) else { return nil }
        }
    }
}

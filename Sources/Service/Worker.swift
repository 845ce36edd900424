import Accounts
import Cryptography
import HTTP
import Synchronization
import System
import Tokens

/// One worker process: what it holds for its whole life, and the pipeline of the settings in force.
public final class Worker: Sendable {
    private let settingsPath: String
    let resources: Resources
    private let inForce: PerThread<InForce>
    private let currentLog: CurrentLog
    private let changes = Mutex(WorkerChanges())
    private let hashProcesses = HashProcesses(arguments: [Worker.hashArgument])
    /// Of each of `Resources.lanes`.
    private let progress: Mutex<[Progress]>

    /// Longer than any hash or question to the database may take, ns.
    public static let standstill: UInt64 = 60_000_000_000

    private struct InForce: Sendable {
        let settings: Settings
        let pipeline: Pipeline
        /// When the settings were read, s since 1970.
        let since: Int64
    }

    /// Opens what a request needs. MariaDB may be away; an unusable setting, key or table is an error.
    public init(settingsPath: String) throws(StartError) {
        self.settingsPath = settingsPath
        let settings: Settings
        do throws(SettingsError) {
            settings = try SettingsFile.load(settingsPath)
        } catch {
            throw .settings("\(error)")
        }
        let log = CurrentLog(settings)
        currentLog = log
        resources = try Resources(settings, hashPlace: .processes(hashProcesses), events: log.events)
        progress = Mutex(resources.lanes.map { _ in Progress(limit: Worker.standstill) })
        let pipeline = try Assembly.pipeline(settings, resources, log.events)
        inForce = PerThread { InForce(settings: settings, pipeline: pipeline, since: Moment.now().wall) }
    }

    public var settings: Settings { inForce.withValue { $0.settings } }
    var settingsSince: Int64 { inForce.withValue { $0.since } }
    private var events: EventLog { currentLog.events }

    /// With this argument alone the program runs `computeHashes`: the worker starts itself once more for each hash thread.
    public static let hashArgument = "--hash"

    /// A process that computes password hashes for the worker that started it, until that one has gone away.
    public static func computeHashes() { HashProcesses.serve() }

    /// Starts the lanes; call it from a nonisolated function.
    ///
    /// - Parameter isLasting: more than one request is to be answered.
    public func start(isLasting: Bool = true) throws(StartError) {
        do throws(SystemError) {
            try resources.start(isLasting: isLasting)
        } catch {
            throw .system("\(error)")
        }
    }

    public func handle(_ request: consuming Request) -> Outcome {
        let pipeline = inForce.withValue { $0.pipeline }
        return pipeline.handle(request, at: .now())
    }

    /// Reads the settings again. Unusable ones leave the old ones in force.
    ///
    /// - Parameter prepare: called with settings that can be used, before they are in force.
    public func reload(_ prepare: (Settings) -> Void = { _ in }) {
        do throws(StartError) {
            let fresh: Settings
            do throws(SettingsError) {
                fresh = try SettingsFile.load(settingsPath)
            } catch {
                throw .settings("\(error)")
            }
            let events = currentLog.make(fresh)
            let pipeline = try Assembly.pipeline(fresh, resources, events)
            let before = settings
            prepare(fresh)
            inForce.replace(InForce(settings: fresh, pipeline: pipeline, since: Moment.now().wall))
            currentLog.replace(events)
            resources.recorder.keep(LoginRecorder.Retention(fresh.login))
            // Not where the setting was and stays off: it would cut the hand-over of a key short.
            if before.keys.keepPrevious || fresh.keys.keepPrevious {
                resources.keys.keepPrevious(Resources.overlap(fresh, before: before), at: .now())
            }
            let waiting = Worker.needRestart(before, fresh)
            events.notice(
                Event("settings.loaded").with(
                    "restart_needed_for", waiting.isEmpty ? nil : waiting.joined(separator: ",")))
        } catch {
            events.error(Event("settings.kept").with("reason", "\(error)"))
        }
    }

    /// Every quarter of a second: takes a changed key file, and tells of changes and of counts that rose.
    public func poll(_ counts: [Count] = [], at moment: Moment = .now()) {
        let events = events
        if let event = resources.keys.poll(at: moment) {
            KeyEvents.write(event, path: resources.keys.path, to: events)
        }
        let pipeline = inForce.withValue { $0.pipeline }
        let own =
            [
                Count("peer.refused", total: pipeline.peer.refused), Count("log.dropped", total: currentLog.dropped),
                Count("events.dropped", total: resources.recorder.dropped),
                Count("marks.lost", total: resources.table.marksLost),
                Count("hash.process_ended", total: hashProcesses.lost),
                Count("hash.process_missing", total: hashProcesses.missing),
                Count("token.migrated", total: pipeline.identification.migratedTokens),
            ] + pipeline.admission.rules.counts
        LoginEvents.tell(resources.blockedLines.leftOut(at: moment.boot), to: events)
        changes.withLock { changes in
            changes.look(at: resources.keys, moment, tellTo: events)
            changes.look(at: resources.table, tellTo: events)
            changes.look(at: counts + own, moment, tellTo: currentLog)
        }
    }

    /// For the service manager: whether the lanes go on, whatever MariaDB and the key file do.
    public func isSound(at moment: Moment = .now()) -> Bool {
        progress.withLock { progress in
            var isMoving = true
            // Each is looked at, also behind one that stands still: a lane's time counts from the last look.
            for (number, lane) in resources.lanes.enumerated() {
                let isOneMoving = progress[number].isMoving(
                    underWay: lane.load.running, done: lane.finished, at: moment.boot)
                isMoving = isMoving && isOneMoving
            }
            return isMoving
        }
    }

    /// One line for `systemctl status`.
    public func status() -> String {
        let database = resources.database.isAway ? "away" : "ok"
        let table = resources.table.generation == nil ? "lost" : "ok"
        return "keys \(resources.keys.ring.entries.count), database \(database), table \(table)"
    }

    public func ready(number: String) {
        events.notice(
            Event("worker.ready").with("worker", number).with("pid", Environment.processID)
                .with("keys", resources.keys.ring.entries.count))
    }

    public func log(_ event: Event) { events.notice(event) }
    func log(warning event: Event) { events.warning(event) }

    /// Finishes the logins and look-ups that are under way, and writes what became of them.
    public func stop() {
        resources.stop()
        LoginEvents.tell(resources.blockedLines.finalLeftOut(), to: events)
    }

    /// What only a new process takes: the things that stand in `Resources`.
    static func needRestart(_ before: Settings, _ after: Settings) -> [String] {
        let fixed = ["service.", "database.", "keys."]
        let taken = ["service.peer_secret_file", "service.body_limit", "service.hash_deadline", "keys.keep_previous"]
        return SettingKeys.all.filter { key in
            fixed.contains { key.name.hasPrefix($0) } && !taken.contains(key.name)
                && key.show(before) != key.show(after)
        }.map(\.name)
    }
}

/// Why a worker cannot start. Unusable settings end with exit code 78, so that systemd does not try again.
public enum StartError: Error, Sendable, CustomStringConvertible {
    case settings(String)
    case system(String)

    public var description: String {
        switch self {
        case .settings(let text), .system(let text): text
        }
    }

    /// The answer of a plain CGI program that cannot start: the client learns nothing, the log has the reason.
    public func answer(_ request: Request) -> Outcome {
        var response = Problems.unavailable(reason: description, retryAfter: 30).response(trace: request.requestID)
        response.add(.cacheControl, .noStore)
        return .response(response)
    }
}

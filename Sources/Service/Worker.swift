import Accounts
import HTTP
import Logging
import RateWindows
import System
import Tokens

/// One worker process: what it holds for its whole life, and the pipeline of the settings in force.
public final class Worker: Sendable {
    private let settingsPath: String
    private let resources: Resources
    private let inForce: PerThread<InForce>

    private struct InForce: Sendable {
        let settings: Settings
        let pipeline: Pipeline
        let events: EventLog
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
        let events = Worker.events(settings)
        resources = try Resources(settings, events: events)
        let pipeline = try Assembly.pipeline(settings, resources, events)
        inForce = PerThread { InForce(settings: settings, pipeline: pipeline, events: events) }
    }

    public var settings: Settings { inForce.withValue { $0.settings } }
    private var events: EventLog { inForce.withValue { $0.events } }

    /// Starts the lanes; call it from a nonisolated function.
    public func start() throws(StartError) {
        do throws(SystemError) {
            try resources.hashes.start()
            try resources.lookups.start()
        } catch {
            throw .system("\(error)")
        }
    }

    public func handle(_ request: Request) -> Outcome {
        let pipeline = inForce.withValue { $0.pipeline }
        return pipeline.handle(request, at: .now())
    }

    /// Reads the settings again. Unusable ones leave the old ones in force.
    public func reload() {
        do throws(StartError) {
            let fresh: Settings
            do throws(SettingsError) {
                fresh = try SettingsFile.load(settingsPath)
            } catch {
                throw .settings("\(error)")
            }
            let events = Worker.events(fresh)
            let pipeline = try Assembly.pipeline(fresh, resources, events)
            let before = settings
            inForce.replace(InForce(settings: fresh, pipeline: pipeline, events: events))
            let waiting = Worker.needRestart(before, fresh)
            events.notice(
                Event("settings.loaded").with(
                    "restart_needed_for", waiting.isEmpty ? nil : waiting.joined(separator: ",")))
        } catch {
            events.error(Event("settings.kept").with("reason", "\(error)"))
        }
    }

    /// Every quarter of a second: takes a changed key file.
    public func poll() {
        if let event = resources.keys.poll(at: .now()) { KeyEvents.write(event, path: resources.keys.path, to: events) }
    }

    /// For the service manager: whether this worker can do its work, whatever MariaDB does.
    public func isSound() -> Bool { resources.keys.ring.signer(at: .now()) != nil }

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

    /// Finishes the logins and look-ups that are under way.
    public func stop() {
        resources.hashes.stop()
        resources.lookups.stop()
    }

    private static func events(_ settings: Settings) -> EventLog {
        EventLog(
            journal: Journal(identifier: "postern"), level: Logger.Level(rawValue: settings.log.level) ?? .notice)
    }

    /// What only a new process takes: the things that stand in `Resources`.
    private static func needRestart(_ before: Settings, _ after: Settings) -> [String] {
        let fixed = ["service.", "database.", "keys."]
        return SettingKeys.all.filter { key in
            fixed.contains { key.name.hasPrefix($0) } && key.name != "service.peer_secret_file"
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
}

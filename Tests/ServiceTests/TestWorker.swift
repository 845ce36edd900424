import Accounts
import HTTP
import Logging
import Synchronization
import System
import TestKit
import Tokens

@testable import Service

/// A worker's pipeline in this process: a key file and a rate table in a folder of its own, events recorded.
final class TestWorker: Sendable {
    /// nginx's request id of every request: answers are then the same to the byte.
    static let trace = "0123456789abcdef0123456789abcdef"
    static let address = "192.0.2.7"

    let settings: Settings
    let resources: Resources
    let pipeline: Pipeline
    let lines = RecordedLines()
    private let folder: TemporaryFolder

    /// - Parameter database: nil: there is no server behind the socket.
    init(database: DatabaseName? = nil, _ adjust: (inout Settings) -> Void = { _ in }) throws {
        folder = try TemporaryFolder()
        var settings = Settings()
        settings.site.issuer = "https://login.example.test"
        settings.service.user = SystemUser.current().name
        settings.service.ratesFile = folder.file("rates")
        settings.service.ratesCapacity = 1024
        settings.service.hashThreads = 1
        settings.keys.file = folder.file("keys")
        settings.database.socket = database?.socket ?? folder.file("no-server")
        settings.database.name = database?.name ?? "none"
        settings.passwords.bcryptCost = 4
        // A busy machine may stand still for seconds; no test here waits for the cache to expire.
        settings.tokens.userCache = 300
        adjust(&settings)
        self.settings = settings
        try Files.replace(settings.keys.file, with: Array("k9 0f8e7d6c5b4a39281706f5e4d3c2b1a0".utf8), mode: 0o600)
        let events = EventLog(handler: RecordingHandler(lines: lines))
        resources = try Resources(settings, events: events)
        pipeline = try Assembly.pipeline(settings, resources, events)
        try resources.start()
    }

    deinit { resources.stop() }

    /// - Parameter moment: the request's clock reading; now where none is given.
    @discardableResult
    func send(_ request: Request, at moment: Moment? = nil) async -> Response {
        await InProcessClient { [pipeline] in pipeline.handle($0, at: moment ?? .now()) }.send(request)
    }

    func token(
        _ id: UserID, _ email: String, version: Int64 = 1, scopes: [String] = [], at moment: Moment = .now()
    ) throws -> String {
        let user = Issuer.User(id: "\(id)", email: email, version: version, scopes: scopes)
        return try Issuer(issuer: settings.site.issuer, audience: settings.audience, life: 1800)
            .issue(to: user, with: resources.keys.ring, at: moment).text
    }

    // MARK: Stages, made as the pipeline makes them

    func routed(_ request: Request, at moment: Moment = .now()) throws(Problem) -> Routed {
        try pipeline.router.route(RequestContext(request, at: moment), monitors: pipeline.monitors)
    }

    /// - Parameter user: what the look-up finds.
    func identified(_ request: Request, user: User? = nil, at moment: Moment = .now()) throws(Problem) -> Identified {
        let routed = try routed(request, at: moment)
        switch try pipeline.identification.identify(routed) {
        case .done(let identified): return identified
        case .look(_, let claims): return try pipeline.identification.identified(routed, claims, .success(user))
        case .wait: throw Problem(.internalServerError, "waits", "A service token or a password is looked up.")
        }
    }

    func admitted(_ request: Request, user: User? = nil, at moment: Moment = .now()) throws(Problem) -> Admitted {
        try pipeline.admission.admit(try identified(request, user: user, at: moment))
    }

    func authenticated(
        _ request: Request, user: User? = nil, at moment: Moment = .now()
    ) throws(Problem) -> Authenticated {
        try pipeline.authentication.authenticate(try admitted(request, user: user, at: moment))
    }

    /// Nothing can be charged or cached from here on, and no new table can be made.
    func loseTable() throws {
        let path = settings.service.ratesFile
        try overwriteFirstBytes(of: path)
        resources.table.inspect()
    }
}

/// A database of the test server.
struct DatabaseName {
    var socket: String
    var name: String
}

/// `level event key=value ...`, in the order they were written.
final class RecordedLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    /// Those of one event.
    func of(_ event: String) -> [String] { all.filter { $0.split(separator: " ").dropFirst().first == event[...] } }
}

struct RecordingHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    let lines: RecordedLines

    init(lines: RecordedLines) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level) \(event.message)") }
}

struct SilentHandler: LogHandler {
    var logLevel: Logger.Level = .critical
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {}
}

import Database
import Synchronization
import System
import TestDatabase
import Testing

/// On a server of their own, one after the other: each takes it away.
@Suite("While the database is away", .serialized)
struct OutageTests {
    static let server = Result { try TestServer() }
    let server: TestServer
    let events = Events()

    init() throws { server = try Self.server.get() }

    func makePool(size: Int = 4) -> Pool {
        let events = events
        return Pool(server.settings(database: nil), size: size) { events.add($0) }
    }

    func time(_ body: () throws -> Void) -> (Duration, DatabaseError?) {
        var failure: DatabaseError?
        let duration = ContinuousClock().measure {
            do { try body() } catch { failure = error as? DatabaseError }
        }
        return (duration, failure)
    }

    /// The promise is 50 ms; three times that is the limit of a test.
    func expectRefusedAtOnce(_ pool: Pool) {
        for _ in 1...50 {
            let (duration, error) = time { _ = try pool.rows("SELECT 1") }
            #expect(error != nil)
            #expect(duration < .milliseconds(150))
        }
    }

    /// The promise is about one second.
    func expectBack(_ pool: Pool) throws {
        let (duration, _) = time { try waitUntil("the pool is back") { (try? pool.ping()) != nil } }
        #expect(duration < .seconds(3))
        #expect(!pool.isOpen)
    }

    @Test("a stopped server is refused at once, and is back by itself")
    func stopped() throws {
        let pool = makePool()
        try pool.ping()
        try server.stop()
        let (first, error) = time { try pool.ping() }
        #expect(error?.kind == .away)
        #expect(first < .milliseconds(150))
        expectRefusedAtOnce(pool)
        #expect(throws: DatabaseError.self) { try pool.execute("SET @x = 1") }
        try server.start()
        try expectBack(pool)
        #expect(try pool.execute("SET @x = 1") == 0)
        #expect(events.words == ["away", "back"])
    }

    @Test("a server that restarts between two reads costs nothing")
    func restarted() throws {
        let pool = makePool()
        try pool.ping()
        try server.stop()
        try server.start()
        try pool.ping()
        #expect(events.words == [])
    }

    @Test("a server that is away at start-up is no error until it is asked, and then used when it comes")
    func awayAtStart() throws {
        try server.stop()
        let pool = makePool()
        #expect(!pool.isOpen)
        #expect(throws: DatabaseError.self) { try pool.ping() }
        #expect(pool.isOpen)
        try server.start()
        try expectBack(pool)
    }

    @Test("a frozen server costs the first requests one time-out, all others nothing, and is back by itself")
    func frozen() throws {
        let pool = makePool()
        try pool.ping()
        try server.freeze()
        defer { try? server.thaw() }
        let (first, error) = time { try pool.ping() }
        #expect(error?.kind == .timeout)
        // 1.5 s promised: one time-out, never a second one.
        #expect(first >= .milliseconds(900) && first < .milliseconds(1900))
        expectRefusedAtOnce(pool)
        try server.thaw()
        try expectBack(pool)
    }

    @Test("connecting to a frozen server is bounded as well")
    func frozenAtConnect() throws {
        try server.freeze()
        defer { try? server.thaw() }
        let pool = makePool()
        let (first, error) = time { try pool.ping() }
        #expect(error?.kind == .timeout)
        #expect(first < .milliseconds(1900))
        expectRefusedAtOnce(pool)
        try server.thaw()
        try expectBack(pool)
    }

    @Test("requests that stand together before a frozen server all end within the promise")
    func frozenCrowd() throws {
        let pool = makePool(size: 2)
        try pool.ping()
        try server.freeze()
        defer { try? server.thaw() }
        let slowest = Mutex(Duration.zero)
        let threads = try (1...20).map { _ in
            try Threads.start("caller") {
                let (duration, error) = time { try pool.ping() }
                #expect(error != nil)
                slowest.withLock { $0 = max($0, duration) }
            }
        }
        for thread in threads { thread.join() }
        #expect(slowest.withLock { $0 } < .milliseconds(1900))
        try server.thaw()
        try expectBack(pool)
    }

    @Test("a server that does not let us in is asked again, and used when it does")
    func refused() throws {
        var settings = server.settings(database: nil)
        settings.user = "late"
        settings.password = DatabasePassword("correct horse")
        let pool = Pool(settings)
        let error = #expect(throws: DatabaseError.self) { try pool.ping() }
        #expect(error?.kind == .refused)
        expectRefusedAtOnce(pool)
        try Connection(server.settings(database: nil))
            .run(script: "CREATE USER late@localhost IDENTIFIED BY 'correct horse'")
        try waitUntil("the pool is let in") { (try? pool.ping()) != nil }
    }

    @Test("a pool that is let go while the server is away ends its thread")
    func letGo() throws {
        try server.stop()
        weak var released: Events?
        do {
            let watcher = Events()
            released = watcher
            let pool = Pool(server.settings(database: nil)) { watcher.add($0) }
            #expect(throws: DatabaseError.self) { try pool.ping() }
        }
        // The prober holds the closure, which holds the watcher.
        try waitUntil("the prober has ended") { released == nil }
        try server.start()
    }
}

final class Events: Sendable {
    private let list = Mutex<[PoolEvent]>([])

    func add(_ event: PoolEvent) { list.withLock { $0.append(event) } }

    var words: [String] {
        list.withLock { $0.map { if case .away = $0 { "away" } else { "back" } } }
    }
}

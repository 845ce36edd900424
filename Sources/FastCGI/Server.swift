import HTTP
import Synchronization
import System

/// Serves FastCGI connections of one listening socket (FastCGI 1.0, Responder and Authorizer) with libfcgi.
///
/// A few threads wait in one epoll set for all connections, so an idle connection holds no thread. The gate looks at
/// a request's bytes where they lie, and libfcgi reads it only when it is whole and sound. A part of a request waits
/// in the slow lane.
///
/// What "whole" needs: the request must fit the *sender's* socket buffer (net.core.wmem_default, 212,992 bytes on
/// Linux). AF_UNIX charges a buffer to its sender, at least 768 bytes for each write, and this side cannot raise it.
/// One write of 98 KiB fits, and so do writes of 4 KiB; after 278 writes of a few bytes the sender blocks, whatever
/// their sum. A sender that has filled its buffer with less than a request is closed at `slowDeadline`, counted in
/// `slowTimeouts`. nginx sends a head in one write and a body in pieces of 32 KiB.
public final class Server: Sendable {
    let limits: Limits
    let application: @Sendable (consuming Request) -> Outcome
    let counters = Counters()
    let table: ConnectionTable
    let pool: RequestPool
    let poller: Poller
    let slowLane: SlowLane
    let entrance: Entrance
    let names = RegisteredNames()
    private let stopping: Wake
    private let phase = Atomic<Int>(Phase.serving.rawValue)
    private let threads = Mutex<[System.Thread]>([])

    enum Phase: Int {
        case serving
        /// No new connections; answered ones are closed.
        case draining
        case stopped
    }

    /// Epoll tokens that are no connection's: those have a generation above 0.
    enum Token {
        static let stop: UInt64 = 0
        static let listener: UInt64 = 1
    }

    /// Takes the listening socket over. The application is called on the server's threads, many at a time; where it
    /// defers, its answer may come from any thread.
    public init(
        listening: consuming FileDescriptor, limits: Limits = Limits(),
        application: @escaping @Sendable (consuming Request) -> Outcome
    ) throws(FastCGIError) {
        try Library.initialize()
        self.limits = limits
        self.application = application
        // Descriptors are the lowest free numbers: what is not a connection of ours needs far less than 1,024.
        table = ConnectionTable(capacity: limits.maxConnections + 1024)
        pool = RequestPool(limit: limits.fastThreads * 4)
        poller = try Poller()
        stopping = try Wake()
        slowLane = try SlowLane(limit: limits.slowConnections)
        entrance = Entrance(listening: listening)
        poller.add(stopping.rawValue, .input, token: Token.stop)
    }

    /// Hands these parameters on to the application too, in `Request.parameters`, from the next request on; those that
    /// were registered before no longer. Like the trusted names, none of them may come twice in a request.
    ///
    /// - Parameter parameters: at most `ParameterName.most`.
    public func register(_ parameters: some Collection<ParameterName>) { names.register(parameters) }

    /// Starts the threads and accepts connections.
    public func start() throws(FastCGIError) {
        do {
            for number in 1...limits.fastThreads {
                let thread = try Threads.start("fast-\(number)", for: .answering) { [self] in work() }
                threads.withLock { $0.append(thread) }
            }
            let thread = try Threads.start("slow") { [self] in runSlowLane() }
            threads.withLock { $0.append(thread) }
        } catch {
            throw FastCGIError(error)
        }
        poller.add(entrance.descriptor, [.input, .oneShot], token: Token.listener)
    }

    /// Counters since the start.
    public var statistics: Statistics {
        var all = counters.statistics
        all.open = table.openCount
        all.gathering = slowLane.gatheringCount
        all.keepsConnections = Library.layoutIsKnown
        return all
    }

    var currentPhase: Phase { Phase(rawValue: phase.load(ordering: .acquiring)) ?? .stopped }

    func enter(_ next: Phase) { phase.store(next.rawValue, ordering: .releasing) }

    /// Ends the threads and waits for them. Only when no request is with the application.
    func endThreads() {
        enter(.stopped)
        stopping.signal()
        slowLane.wake()
        for thread in threads.withLock({
            let all = $0; $0 = []; return all
        }) { thread.join() }
    }

    /// Gives a connection that its owner is done with back to the epoll set.
    func rearm(_ connection: Connection) {
        repeat {
            poller.modify(connection.descriptor, [.input, .oneShot], token: connection.token)
        } while !table.giveUp(connection)
    }

    /// Closes a connection that the caller owns.
    func close(_ connection: Connection) {
        table.close(connection)
        Socket.close(connection.descriptor)
    }
}

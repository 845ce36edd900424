import HTTP
import System

/// What a thread keeps between requests.
struct Workspace {
    var buffer: [UInt8]
    var gate: Gate
    private(set) var names = RegisteredNames.Copy()
    /// The thread's own request, so that only deferred ones go through the pool: a `Mutex` that many threads want
    /// at once spins, and cost a third of all time here.
    var spare: LibraryRequest?

    init(limits: Limits) {
        // One byte more than a request may have, so that a longer one shows.
        buffer = [UInt8](repeating: 0, count: limits.requestLimit + 1)
        gate = Gate(limits: limits)
    }

    /// The verdict on the first `count` bytes of the buffer, which may not hold one of the names twice.
    mutating func judge(_ count: Int, _ registered: RegisteredNames) -> Verdict {
        if registered.refresh(&names) { gate.look(for: names.names) }
        return Workspace.judge(&gate, buffer, count)
    }

    private static func judge(_ gate: inout Gate, _ buffer: [UInt8], _ count: Int) -> Verdict {
        gate.judge(buffer.span.extracting(0..<count))
    }
}

/// The fast threads.
extension Server {
    func work() {
        var workspace = Workspace(limits: limits)
        while true {
            guard let event = poller.next() else { continue }
            switch event.token {
            case Token.stop: return
            case Token.listener: acceptWaiting()
            default:
                let connection = Connection(token: event.token)
                if table.claim(connection) { serve(connection, &workspace) }
            }
        }
    }

    /// One turn of a connection that has become readable.
    private func serve(_ connection: Connection, _ workspace: inout Workspace) {
        switch Socket.peek(connection.descriptor, into: &workspace.buffer) {
        case .nothing: rearm(connection)
        case .ended: close(connection)
        case .bytes(let count):
            switch workspace.judge(count, names) {
            case .whole: take(connection, isWhole: true, &workspace)
            case .headOnly: take(connection, isWhole: false, &workspace)
            case .incomplete: gather(connection)
            case .refused(let reason): refuse(connection, reason)
            }
        }
    }

    func refuse(_ connection: Connection, _ reason: Refusal) {
        counters.refuse(reason)
        close(connection)
    }

    private func gather(_ connection: Connection) {
        let deadline = coarseNow() + limits.slowDeadline.nanoseconds
        if slowLane.gather(connection, until: deadline) {
            counters.gathered.add(1, ordering: .relaxed)
        } else {
            counters.slowRefused.add(1, ordering: .relaxed)
            close(connection)
        }
    }

    /// Lets libfcgi read the request and hands it to the application.
    private func take(_ connection: Connection, isWhole: Bool, _ workspace: inout Workspace) {
        let library = workspace.spare.take() ?? pool.take()
        guard library.take(connection.descriptor) else {
            // libfcgi has closed the descriptor; the number may be in use again.
            counters.gateDefects.add(1, ordering: .relaxed)
            table.close(connection)
            return
        }
        let exchange = Exchange(connection: connection, library: library, isWhole: isWhole)
        var request = RequestReader.empty
        guard library.isSound,
            RequestReader.read(library, isWhole: isWhole, workspace.names.names, into: &request)
        else {
            counters.gateDefects.add(1, ordering: .relaxed)
            drop(exchange)
            return
        }
        if !isWhole { counters.headOnly.add(1, ordering: .relaxed) }
        counters.note(.taken)
        run(consume request, exchange, &workspace)
    }

    private func run(
        _ request: consuming Request, _ exchange: consuming Exchange, _ workspace: inout Workspace
    ) {
        switch application(request) {
        case .response(let response): workspace.spare = finish(exchange, with: response)
        case .deferred(let body):
            let pending = PendingAnswer(server: self, exchange: exchange)
            body(Completion { pending.answer($0) })
        }
    }

    /// Closes an exchange's connection without an answer.
    private func drop(_ exchange: consuming Exchange) {
        _ = exchange.library.release()
        pool.give(exchange.library)
        close(exchange.connection)
    }

    /// Answers and decides what becomes of the connection. Called once for each exchange, from any thread.
    /// Gives libfcgi's state back, free to be used again.
    func finish(_ exchange: consuming Exchange, with response: Response) -> LibraryRequest {
        let library = exchange.library
        let connection = exchange.connection
        let isSent = library.answer(response.serialized())
        counters.note(isSent ? .answered : .failed)
        let isClean = library.unparsed == 0
        let isKept = isSent && exchange.isWhole && library.keepsConnection && Library.layoutIsKnown
        _ = library.release()
        if isSent && !exchange.isWhole {
            closeSlowly(connection)
        } else if isKept && !isClean {
            counters.pipelined.add(1, ordering: .relaxed)
            close(connection)
        } else if isKept && currentPhase == .serving {
            rearm(connection)
        } else {
            close(connection)
        }
        counters.note(.ended)
        return library
    }

    private func closeSlowly(_ connection: Connection) {
        Socket.shutdownSending(connection.descriptor)
        let deadline = coarseNow() + limits.slowCloseDeadline.nanoseconds
        if !slowLane.discard(connection, until: deadline, bytes: limits.slowCloseBytes) { close(connection) }
    }
}

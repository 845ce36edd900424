import HTTP
import Synchronization

/// Holds the exchange of a deferred answer until somebody gives it.
///
/// The completion that an application gets holds this object. Let go of without an answer, it answers 500 itself:
/// no client waits for a thread that forgot it.
final class PendingAnswer: Sendable {
    private let server: Server
    private let exchange: Mutex<Exchange?>

    init(server: Server, exchange: consuming Exchange) {
        self.server = server
        self.exchange = Mutex(exchange)
    }

    /// The first answer counts.
    func answer(_ response: Response) {
        guard let exchange = exchange.withLock({ $0.take() }) else { return }
        server.pool.give(server.finish(exchange, with: response))
    }

    deinit {
        guard let exchange = exchange.withLock({ $0.take() }) else { return }
        server.counters.droppedCompletions.add(1, ordering: .relaxed)
        server.pool.give(server.finish(exchange, with: Response(.internalServerError)))
    }
}

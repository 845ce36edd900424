/// Whether the database is worth asking.
///
/// It opens at the first failure of a connection and closes at the first success. While it is open every caller is
/// refused at once; a thread of the pool's own goes on asking, so that no request ever pays for the attempt.
struct Breaker: Sendable {
    private(set) var failure: DatabaseError?
    private(set) var openedAt: ContinuousClock.Instant?

    var isOpen: Bool { failure != nil }

    /// True when it was closed before. A later failure while open replaces the reason.
    mutating func open(_ error: DatabaseError, at now: ContinuousClock.Instant) -> Bool {
        let wasClosed = failure == nil
        failure = error
        if wasClosed { openedAt = now }
        return wasClosed
    }

    /// How long it was open; nil when it was not.
    mutating func close(at now: ContinuousClock.Instant) -> Duration? {
        guard let since = openedAt else { return nil }
        failure = nil
        openedAt = nil
        return now - since
    }
}

import Synchronization

/// `FCGX_Request`s that wait to be used again, so that a request costs no allocation of its own for one.
final class RequestPool: Sendable {
    private let idle = Mutex<[LibraryRequest]>([])
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func take() -> LibraryRequest {
        idle.withLock { $0.popLast() } ?? LibraryRequest()
    }

    func give(_ request: LibraryRequest) {
        idle.withLock { if $0.count < limit { $0.append(request) } }
    }
}

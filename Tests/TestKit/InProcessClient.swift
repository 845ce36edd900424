import HTTP
import Synchronization
import System

/// Calls an application as the FastCGI side would, without a socket.
public struct InProcessClient: Sendable {
    private let application: @Sendable (Request) -> Outcome

    public init(_ application: @escaping @Sendable (Request) -> Outcome) {
        self.application = application
    }

    /// The answer, waited for where it is deferred; 500 when the application drops its completion.
    public func send(_ request: Request) async -> Response {
        switch application(request) {
        case .response(let response): return response
        case .deferred(let body):
            return await withCheckedContinuation { continuation in
                let once = Once(continuation)
                body(Completion { once.answer($0) })
            }
        }
    }

    /// Resumes its continuation exactly once.
    private final class Once: Sendable {
        private let continuation: Mutex<CheckedContinuation<Response, Never>?>

        init(_ continuation: CheckedContinuation<Response, Never>) {
            self.continuation = Mutex(continuation)
        }

        func answer(_ response: Response) {
            let waiting = continuation.withLock { held in
                defer { held = nil }
                return held
            }
            waiting?.resume(returning: response)
        }

        deinit { answer(Response(.internalServerError)) }
    }
}

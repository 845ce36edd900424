/// What an application makes of a request: an answer now, or one that comes later from another thread.
public enum Outcome: Sendable {
    case response(Response)
    /// Called at once with the way to answer; the request's thread is free after it returns.
    case deferred(@Sendable (Completion) -> Void)
}

/// Takes the one answer to a request, from any thread. Dropped unused, the request is answered with 500.
public struct Completion: Sendable {
    private let body: @Sendable (Response) -> Void

    public init(_ body: @escaping @Sendable (Response) -> Void) { self.body = body }

    public func callAsFunction(_ response: Response) { body(response) }
}

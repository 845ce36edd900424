import System

/// The bounds of the FastCGI side; the defaults are those of the shipped settings.
public struct Limits: Sendable {
    /// Threads that run requests. Two for each core: none of them waits for the database or for a hash.
    public var fastThreads = min(32, max(4, 2 * Environment.processorCount))
    /// Open connections. Beyond it the longest idle ones are closed and new ones wait in the listen queue.
    public var maxConnections = 4096
    /// Content bytes of all PARAMS records of a request.
    public var paramsLimit = 65_536
    /// CONTENT_LENGTH up to which a body is read. A longer one is never parsed.
    public var bodyLimit = 32_768
    /// Connections with a part of a request, and, counted apart, connections in the slow close.
    public var slowConnections = 512
    /// From the first byte of a request to its last.
    public var slowDeadline: Duration = .seconds(10)
    /// What a slow close reads and throws away at most.
    public var slowCloseBytes = 64 << 20
    public var slowCloseDeadline: Duration = .seconds(2)
    /// A kept connection without a request is closed after this. Longer than nginx's `keepalive_timeout` (60 s), so
    /// that nginx closes first and no request meets our close.
    public var idleTimeout: Duration = .seconds(90)
    /// SO_RCVTIMEO and SO_SNDTIMEO: a peer that does not take its answer holds a thread no longer than this.
    public var socketTimeout: Duration = .seconds(5)

    public init() {}

    /// Bytes of a whole request, records' headers and padding included. What is longer than its content by more
    /// than a quarter is not a web server's request.
    var requestLimit: Int { paramsLimit + bodyLimit + (paramsLimit + bodyLimit) / 3 }
}

extension Duration {
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
    }
}

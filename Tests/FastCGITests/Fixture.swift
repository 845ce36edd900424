import FastCGI
import Glibc
import HTTP
import Synchronization
import System
import TestKit
import Testing

/// The parent of all suites here: one at a time, since some count descriptors or send signals to the process.
@Suite("FastCGI", .serialized)
enum FastCGITests {}

/// What the application has seen, in order.
final class Journal: Sendable {
    private let requests = Mutex<[Request]>([])

    func note(_ request: Request) { requests.withLock { $0.append(request) } }

    var all: [Request] { requests.withLock { $0 } }
    var paths: [String] { all.map(\.path) }
    func forget() { requests.withLock { $0 = [] } }
}

/// A real server on a unix socket of its own, with an application that answers what it was asked.
final class Fixture {
    let folder: TemporaryFolder
    let server: Server
    let journal = Journal()
    let path: String

    init(
        _ change: (inout Limits) -> Void = { _ in },
        application: (@Sendable (Request) -> Outcome)? = nil
    ) throws {
        folder = try TemporaryFolder()
        path = folder.file("postern.sock")
        var limits = Limits()
        limits.fastThreads = 4
        limits.idleTimeout = .seconds(60)
        change(&limits)
        let journal = journal
        server = try Server(listening: ListeningSocket.bind(path: path, mode: 0o600), limits: limits) { request in
            journal.note(request)
            return application?(request) ?? .response(Fixture.echo(request))
        }
        try server.start()
    }

    // Short: what a test left half sent will not become whole.
    deinit { server.drain(within: .milliseconds(100)) }

    func peer() throws -> FastCGIPeer { try FastCGIPeer(path: path) }

    /// Sends bytes on a connection of their own, and waits for the connection's end without an answer.
    func isClosedUnanswered(_ bytes: [UInt8]) throws -> Bool {
        let peer = try peer()
        try peer.send(bytes)
        return try peer.receiveUntilClosed().isEmpty
    }

    /// Whether a new client is served, and a kept one twice.
    func isAlive() throws -> Bool {
        let peer = try peer()
        let first = try peer.exchange(FastCGIRequest("/alive"))
        let second = try peer.exchange(FastCGIRequest("POST", "/alive", body: [1, 2, 3]))
        journal.forget()
        return first.status == 200 && second.status == 200 && second.text.contains("body=3")
    }

    /// "method path query role length body=N" and a sum over the body.
    static func echo(_ request: Request) -> Response {
        if !request.isBodyWhole { return Response(.contentTooLarge, body: Array("too long".utf8)) }
        let sum = request.body.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffffff }
        let text = "\(request.method) \(request.path) \(request.query) body=\(request.body.count) sum=\(sum)"
        return Response(.ok, body: Array(text.utf8))
    }

    static func sum(_ body: [UInt8]) -> Int { body.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffffff } }
}

/// Bytes that look like nothing in particular, the same for the same seed.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
}

/// A peer and the descriptor of its other end.
func socketPair() throws -> (FastCGIPeer, Int32) {
    let (peer, descriptor) = try descriptorPair(SOCK_STREAM)
    return (FastCGIPeer(owning: peer), descriptor)
}

/// Both ends of a pair of sockets; SOCK_SEQPACKET keeps the borders of writes.
func descriptorPair(_ type: __socket_type) throws -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe socketpair(AF_UNIX, Int32(type.rawValue), 0, &ends) == 0 else { throw SystemError.last("socketpair") }
    return (ends[0], ends[1])
}

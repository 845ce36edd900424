import Glibc

/// A program that works for this process: it gets messages on its descriptor 0 and answers each. It has a session of its
/// own, and so a share of the processor of its own (sched(7), autogroup). It ends with this object.
///
/// One question at a time: an object belongs to one thread at a time.
public final class HelperProcess: Sendable {
    private let pid: pid_t
    private let socket: Int32

    /// This very program, also after a newer one has taken its place on disk.
    public static let thisProgram = "/proc/self/exe"

    /// Starts it. It gets no environment and no descriptor but the socket and standard error.
    public init(program: String = thisProgram, arguments: [String]) throws(SystemError) {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .last("socketpair") }
        defer { close(ends[1]) }
        do throws(SystemError) {
            pid = try Spawn.start(program, arguments, streams: [ends[1], 2, 2], membership: .ownSession)
        } catch {
            close(ends[0])
            throw error
        }
        socket = ends[0]
    }

    deinit {
        close(socket)
        // It keeps nothing that could be lost.
        kill(pid, SIGKILL)
        while waitpid(pid, nil, 0) < 0 && errno == EINTR {}
    }

    /// Sends a message of at least one byte and waits for the answer; nil when the program has ended.
    public func ask(_ message: Span<UInt8>, limit: Int) -> [UInt8]? {
        guard Messages.send(message, to: socket) else { return nil }
        return Messages.receive(from: socket, limit: limit)
    }

    /// The program's side: answers until the other process has gone away.
    ///
    /// - Parameters:
    ///   - name: what ps(1) shows, 15 bytes.
    ///   - limit: bytes of the longest message.
    public static func serve(_ name: String, limit: Int, _ answer: (_ message: inout [UInt8]) -> [UInt8]) {
        nameThisThread(name)
        Scheduling.stepBack()
        while var message = Messages.receive(from: 0, limit: limit), Messages.send(answer(&message).span, to: 0) {}
    }
}

/// Messages over a socket that keeps their bounds (SOCK_SEQPACKET); one of no bytes is its end.
private enum Messages {
    static func send(_ bytes: Span<UInt8>, to socket: Int32) -> Bool {
        while true {
            let sent = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 && errno == EINTR { continue }
            return sent == bytes.count
        }
    }

    static func receive(from socket: Int32, limit: Int) -> [UInt8]? {
        while true {
            // One array, never copied: what it holds is the caller's to overwrite.
            var failure: Int32 = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { room, count in
                let received = unsafe recv(socket, room.baseAddress, room.count, 0)
                failure = received < 0 ? errno : 0
                count = max(0, received)
            }
            if failure == EINTR { continue }
            return bytes.isEmpty ? nil : bytes
        }
    }
}

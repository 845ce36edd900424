import Glibc
import System

/// What a web server reads back: the answer's stream and how the request ended.
public struct FastCGIAnswer: Sendable, Equatable {
    /// The number behind "Status:".
    public var status: Int
    public var head: String
    public var body: [UInt8]
    /// protocolStatus of the end record; 0 is FCGI_REQUEST_COMPLETE.
    public var protocolStatus: UInt8
    public var id: UInt16

    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// The web server's side of one FastCGI connection, written from the specification and not from libfcgi.
public final class FastCGIPeer {
    public enum Fault: Error, Equatable {
        case connect(Int32)
        case send(Int32)
        /// The connection was closed before an end record.
        case closed
        /// Nothing came within the time.
        case timedOut
        case malformed(String)
    }

    private var descriptor: Int32
    private var received: [UInt8] = []

    public convenience init(path: String) throws(Fault) {
        try self.init()
        try connect(to: path)
    }

    /// A socket that is not connected yet.
    public init() throws(Fault) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .connect(errno) }
    }

    public func connect(to path: String) throws(Fault) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
        let number = descriptor
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else { throw .connect(errno) }
    }

    /// One end of a socket pair.
    public init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit { close() }

    public func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    public func shutdownSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Writes all, waiting where the buffer is full, at most 5 s.
    public func send(_ bytes: [UInt8]) throws(Fault) {
        guard try sendSome(bytes, milliseconds: 5000) == bytes.count else { throw .timedOut }
    }

    /// Writes what is taken while the buffer is not full for longer than the time; gives how much.
    public func sendSome(_ bytes: [UInt8], milliseconds: Int32) throws(Fault) -> Int {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(
                    descriptor, $0.baseAddress! + done, $0.count - done, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                done += count
            } else if errno == EAGAIN {
                guard poll(Int16(POLLOUT), milliseconds) else { return done }
            } else if errno != EINTR {
                throw .send(errno)
            }
        }
        return done
    }

    /// Waits for one whole answer.
    public func receive(milliseconds: Int32 = 10_000) throws(Fault) -> FastCGIAnswer {
        while true {
            if let answer = try takeAnswer() { return answer }
            try fill(milliseconds)
        }
    }

    /// Sends a request and waits for its answer.
    public func exchange(_ request: FastCGIRequest) throws(Fault) -> FastCGIAnswer {
        try send(request.bytes)
        return try receive()
    }

    /// Waits until the other side closes; gives what came before that.
    public func receiveUntilClosed(milliseconds: Int32 = 10_000) throws(Fault) -> [UInt8] {
        while true {
            do throws(Fault) {
                try fill(milliseconds)
            } catch .closed {
                return received
            }
        }
    }

    /// Whether the other side has closed, without waiting.
    public var isClosed: Bool {
        var byte: UInt8 = 0
        let count = unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count == 0 || count < 0 && errno != EAGAIN
    }

    private func fill(_ milliseconds: Int32) throws(Fault) {
        guard poll(Int16(POLLIN), milliseconds) else { throw .timedOut }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { return }
        guard count > 0 else { throw .closed }
        received += chunk[..<count]
    }

    private func poll(_ events: Int16, _ milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        while true {
            let count = unsafe Glibc.poll(&entry, 1, milliseconds)
            if count < 0 && errno == EINTR { continue }
            return count > 0
        }
    }

    /// The first whole answer in what was received.
    private func takeAnswer() throws(Fault) -> FastCGIAnswer? {
        var position = 0
        var output: [UInt8] = []
        while received.count - position >= 8 {
            let header = received[position..<position + 8].map { $0 }
            guard header[0] == 1 else { throw .malformed("version \(header[0])") }
            let length = Int(header[4]) << 8 | Int(header[5])
            let end = position + 8 + length + Int(header[6])
            guard received.count >= end else { return nil }
            let content = received[position + 8..<position + 8 + length]
            position = end
            switch header[1] {
            case FastCGI.RecordType.stdout: output += content
            case FastCGI.RecordType.stderr: throw .malformed("an error stream")
            case FastCGI.RecordType.endRequest:
                guard length == 8 else { throw .malformed("an end record of \(length) bytes") }
                received.removeFirst(end)
                let id = UInt16(header[2]) << 8 | UInt16(header[3])
                return try FastCGIPeer.answer(output, protocolStatus: content[content.startIndex + 4], id: id)
            default: throw .malformed("record type \(header[1])")
            }
        }
        return nil
    }

    private static func answer(_ output: [UInt8], protocolStatus: UInt8, id: UInt16) throws(Fault) -> FastCGIAnswer {
        guard let end = output.indices.dropLast(3).first(where: { output[$0...].starts(with: [13, 10, 13, 10]) })
        else { throw .malformed("no end of the head") }
        let head = String(decoding: output[..<end], as: UTF8.self)
        guard head.hasPrefix("Status: "), let status = Int(head.dropFirst(8).prefix(3)) else {
            throw .malformed("no status")
        }
        return FastCGIAnswer(
            status: status, head: head, body: Array(output[(end + 4)...]), protocolStatus: protocolStatus, id: id)
    }
}

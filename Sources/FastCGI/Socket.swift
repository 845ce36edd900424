import CFastCGI
import Glibc
import System

/// The calls on a connection's socket that are ours and not libfcgi's.
enum Socket {
    enum Peek: Equatable {
        case bytes(Int)
        /// Nothing there now.
        case nothing
        /// The peer has closed, or the socket failed.
        case ended
    }

    /// Copies what lies in the socket without taking it.
    static func peek(_ descriptor: Int32, into buffer: inout [UInt8]) -> Peek {
        receive(descriptor, into: &buffer, flags: Int32(MSG_PEEK))
    }

    /// Takes bytes from the socket.
    static func discard(_ descriptor: Int32, into buffer: inout [UInt8]) -> Peek {
        receive(descriptor, into: &buffer, flags: 0)
    }

    private static func receive(_ descriptor: Int32, into buffer: inout [UInt8], flags: Int32) -> Peek {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, flags | Int32(MSG_DONTWAIT))
            }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothing
            default: return .ended
            }
        }
    }

    static func shutdownSending(_ descriptor: Int32) {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// AF_UNIX does not inherit these from the listening socket.
    static func setTimeouts(_ descriptor: Int32, _ timeout: Duration) {
        let nanoseconds = timeout.nanoseconds
        var value = timeval(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_usec: Int(nanoseconds % 1_000_000_000 / 1000))
        let length = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &value, length)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &value, length)
    }

    enum Acceptance: Equatable {
        case accepted(Int32)
        case nothing
        /// EMFILE, ENFILE, ENOBUFS or ENOMEM.
        case noDescriptor
    }

    /// accept4(2) on a listening socket that does not block.
    static func accept(_ listener: Int32) -> Acceptance {
        while true {
            let descriptor = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            if descriptor >= 0 { return .accepted(descriptor) }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .noDescriptor
            default: return .nothing
            }
        }
    }

    static func setNonBlocking(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    }

    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }
}

/// Time for deadlines, in ns; to a few milliseconds exact and never a system call (clock_gettime(2)).
func coarseNow() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

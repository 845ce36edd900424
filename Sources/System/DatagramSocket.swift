import Glibc

/// One datagram to a unix socket: systemd's notifications and the journal.
enum DatagramSocket {
    enum Outcome {
        case sent
        /// The receiver does not keep up.
        case full
        /// Nobody listens, or the datagram is too long.
        case failed
    }

    /// Sends without waiting. "@name" is the abstract namespace.
    static func send(_ bytes: [UInt8], to path: String) -> Outcome {
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return .failed }
        let descriptor = FileDescriptor(owning: number)
        guard var address = UnixAddress(path) else { return .failed }
        let sent = unsafe bytes.withUnsafeBytes { buffer in
            unsafe address.withPointer { pointer, length in
                unsafe sendto(
                    descriptor.rawValue, buffer.baseAddress, buffer.count,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), pointer, length)
            }
        }
        if sent == bytes.count { return .sent }
        return sent < 0 && (errno == EAGAIN || errno == ENOBUFS) ? .full : .failed
    }
}

/// sockaddr_un(7) of a path; nil when the path does not fit its 108 bytes.
struct UnixAddress {
    private var address = sockaddr_un()
    private let length: socklen_t

    init?(_ path: String) {
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !bytes.isEmpty, bytes.count < room, !bytes.contains(0) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in bytes.enumerated() { unsafe target[index] = byte }
            if bytes[0] == UInt8(ascii: "@") { unsafe target[0] = 0 }
        }
        length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (bytes[0] == UInt8(ascii: "@") ? 0 : 1))
    }

    mutating func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        let length = length
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
        }
    }
}

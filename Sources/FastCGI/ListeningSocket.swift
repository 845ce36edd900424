import Glibc
import System

/// Where the listening socket comes from.
public enum ListeningSocket {
    /// systemd's first descriptor (sd_listen_fds(3)).
    private static let firstInherited: Int32 = 3

    /// The socket that systemd (or who speaks its protocol) made; nil when none was meant for this process.
    public static func inherited() throws(FastCGIError) -> FileDescriptor? {
        guard let count = Environment.value("LISTEN_FDS"), Environment.value("LISTEN_PID") == "\(getpid())" else {
            return nil
        }
        // A process that this one starts must not take them for its own.
        for name in ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"] { Environment.remove(name) }
        guard count == "1" else {
            throw FastCGIError(.inheritedSocket, "LISTEN_FDS is \(count): one socket is needed, exactly one")
        }
        guard option(SO_ACCEPTCONN, of: firstInherited) == 1, option(SO_TYPE, of: firstInherited) == 1 else {
            throw FastCGIError(.inheritedSocket, "descriptor 3 of LISTEN_FDS is not a listening stream socket")
        }
        _ = fcntl(firstInherited, F_SETFD, FD_CLOEXEC)
        return FileDescriptor(owning: firstInherited)
    }

    /// Makes a unix socket with this mode and group. It is complete before it stands at its path, and takes the
    /// place of a socket that nobody listens on.
    public static func bind(path: String, mode: Int, group: String? = nil) throws(FastCGIError) -> FileDescriptor {
        let temporary = path + ".new"
        guard let address = address(of: temporary) else {
            throw FastCGIError(.socketPath, "\(path): longer than a socket's path may be (103 bytes)")
        }
        try checkPlace(path)
        do {
            let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard number >= 0 else { throw SystemError.last("socket") }
            let listener = FileDescriptor(owning: number)
            unsafe unlink(temporary)
            guard unsafe call(Glibc.bind, number, address) == 0 else { throw SystemError.last("bind", path: temporary) }
            do {
                if let group { try give(temporary, to: group) }
                guard unsafe chmod(temporary, mode_t(mode)) == 0 else {
                    throw SystemError.last("chmod", path: temporary)
                }
                guard listen(number, 4096) == 0 else { throw SystemError.last("listen", path: path) }
                guard unsafe rename(temporary, path) == 0 else { throw SystemError.last("rename", path: path) }
            } catch {
                unsafe unlink(temporary)
                throw error
            }
            return listener
        } catch let error as SystemError {
            throw FastCGIError(error)
        } catch {
            throw FastCGIError(.socketPath, "\(path): \(error)")
        }
    }

    /// Nothing, or a socket that nobody listens on, may stand at the path.
    private static func checkPlace(_ path: String) throws(FastCGIError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw FastCGIError(.socketPath, "\(path): is there and is not a socket")
        }
        guard let address = address(of: path) else { return }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw FastCGIError(SystemError.last("socket")) }
        defer { close(probe) }
        // EAGAIN: somebody listens, and the queue is full.
        if unsafe call(Glibc.connect, probe, address) == 0 || errno == EAGAIN {
            throw FastCGIError(.socketPath, "\(path): another process listens there")
        }
    }

    private static func give(_ path: String, to group: String) throws(SystemError) {
        guard let number = SystemGroup.number(of: group) else {
            throw SystemError("find group \(group)", errno: ENOENT)
        }
        guard unsafe chown(path, uid_t.max, number) == 0 else { throw .last("chown", path: path) }
    }

    private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 else { return nil }
        return value
    }

    private static func address(of path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return address
    }

    private typealias AddressCall = (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32

    private static func call(_ function: AddressCall, _ descriptor: Int32, _ address: sockaddr_un) -> Int32 {
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

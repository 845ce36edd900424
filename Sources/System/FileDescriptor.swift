import Glibc

/// Owns one descriptor and closes it when it goes away.
public struct FileDescriptor: ~Copyable, Sendable {
    public let rawValue: Int32

    public init(owning rawValue: Int32) {
        self.rawValue = rawValue
    }

    deinit { close(rawValue) }

    /// Gives the descriptor up without closing it; the caller owns it from here.
    public consuming func release() -> Int32 {
        let value = rawValue
        discard self
        return value
    }

    /// open(2) with O_CLOEXEC.
    public static func open(_ path: String, _ flags: Int32, mode: Int = 0) throws(SystemError) -> FileDescriptor {
        let number = unsafe Glibc.open(path, flags | O_CLOEXEC, mode_t(mode))
        guard number >= 0 else { throw .last("open", path: path) }
        return FileDescriptor(owning: number)
    }

    /// Reads until the end of the file or `limit` bytes, whichever is first.
    public func readAll(limit: Int, path: String? = nil) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit, 65_536))
        while bytes.count < limit {
            let wanted = min(chunk.count, limit - bytes.count)
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(rawValue, $0.baseAddress, wanted) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("read", path: path)
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        // Key files pass through here.
        unsafe chunk.withUnsafeMutableBytes { unsafe explicit_bzero($0.baseAddress!, $0.count) }
        return bytes
    }

    /// Writes all of `bytes`.
    public func writeAll(_ bytes: [UInt8], path: String? = nil) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { unsafe write(rawValue, $0.baseAddress! + done, $0.count - done) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("write", path: path)
            }
            done += count
        }
    }
}

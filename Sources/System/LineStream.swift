import Glibc

/// Lines to a descriptor, without ever waiting for its reader.
final class LineStream: Sendable {
    /// What one write(2) puts into a pipe whole, so that lines of several workers do not mix (pipe(7), PIPE_BUF).
    private static let longestLine = 4096
    private let descriptor: Int32
    private let target: Int32

    /// - Parameter descriptor: stays the caller's.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var buffer = stat()
        let isPipe = unsafe fstat(descriptor, &buffer) == 0 && buffer.st_mode & S_IFMT == S_IFIFO
        // Opened anew, because O_NONBLOCK on the descriptor itself would reach every process that shares it. Where the
        // pipe is another user's this fails, and poll(2) alone must do.
        let reopened = isPipe ? try? FileDescriptor.open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK) : nil
        target = reopened?.release() ?? descriptor
    }

    deinit { if target != descriptor { close(target) } }

    /// False when the line could not be written at once, or not whole. A longer line is cut.
    func write(_ line: String) -> Bool {
        var bytes = Array(line.utf8.prefix(LineStream.longestLine - 1))
        bytes.append(UInt8(ascii: "\n"))
        var watched = pollfd(fd: target, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&watched, 1, 0) == 1, watched.revents & Int16(POLLOUT) != 0 else { return false }
        return unsafe bytes.withUnsafeBytes { unsafe Glibc.write(target, $0.baseAddress, $0.count) } == bytes.count
    }
}

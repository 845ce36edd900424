import Glibc

/// Runs another program to its end: no shell, no descriptor but 0 to 2, none of this process's environment, its own
/// process group, a time-out, and no more of its output than asked for.
public enum ChildProcess {
    public struct Outcome: Sendable {
        /// Exit status; `nil` when a signal or the time-out ended it.
        public let status: Int32?
        public let output: [UInt8]
        public let errors: [UInt8]
        public let isTimedOut: Bool
        /// It wrote more than the limit, and was ended.
        public let isTooLong: Bool
    }

    /// - Parameters:
    ///   - program: its path; no folders are searched.
    ///   - input: its standard input.
    ///   - milliseconds: after them it is ended with all that it started.
    ///   - limit: bytes of standard output, and of standard error.
    public static func run(
        _ program: String, _ arguments: [String], input: [UInt8] = [], milliseconds: Int, limit: Int
    ) throws(SystemError) -> Outcome {
        // Not a pipe: nothing has to be written while it runs, and a program that does not read it does no harm.
        let standardInput = try FileDescriptor.holding(input)
        let output = try Pipe()
        let errors = try Pipe()
        let pid = try Spawn.start(program, arguments, streams: [standardInput.rawValue, output.writer, errors.writer])
        output.closeWriter()
        errors.closeWriter()

        let deadline = Moment.bootNow + UInt64(milliseconds) * 1_000_000
        var collected = Collected(limit: limit)
        collected.read(from: output.reader, errors.reader, until: deadline)
        if collected.isOver { kill(-pid, SIGKILL) }
        let end = waitFor(pid, until: deadline)
        return Outcome(
            status: collected.isOver || end.isKilled ? nil : end.status, output: collected.output,
            errors: collected.errors, isTimedOut: collected.isTimedOut || end.isKilled, isTooLong: collected.isTooLong)
    }

    // MARK: End

    /// Whoever has closed its outputs and still runs is given the rest of the time.
    private static func waitFor(_ pid: pid_t, until deadline: UInt64) -> (status: Int32?, isKilled: Bool) {
        var status: Int32 = 0
        var isKilled = false
        while true {
            let found = unsafe waitpid(pid, &status, isKilled ? 0 : WNOHANG)
            if found == pid { break }
            if found < 0 && errno != EINTR { return (nil, isKilled) }
            if !isKilled, Moment.bootNow >= deadline {
                kill(-pid, SIGKILL)
                isKilled = true
            } else if !isKilled {
                usleep(2000)
            }
        }
        // WIFEXITED, WEXITSTATUS (wait(2))
        return (status & 0x7F == 0 ? (status >> 8) & 0xFF : nil, isKilled)
    }
}

/// Both ends of a pipe(2), closed on exec.
private final class Pipe {
    let reader: Int32
    private(set) var writer: Int32

    init() throws(SystemError) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw .last("pipe") }
        (reader, writer) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    func closeWriter() {
        if writer >= 0 { close(writer) }
        writer = -1
    }

    deinit {
        close(reader)
        closeWriter()
    }
}

/// What a program has written so far.
private struct Collected {
    let limit: Int
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var isTimedOut = false
    var isTooLong = false

    init(limit: Int) { self.limit = limit }

    var isOver: Bool { isTimedOut || isTooLong }

    /// Until both have ended, the time is over or one is too long.
    mutating func read(from output: Int32, _ errors: Int32, until deadline: UInt64) {
        var watched = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while watched.contains(where: { $0.fd >= 0 }) {
            let now = Moment.bootNow
            let rest = deadline > now ? Int32(clamping: (deadline - now) / 1_000_000 + 1) : 0
            let count = unsafe poll(&watched, nfds_t(watched.count), rest)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                isTimedOut = true
                return
            }
            for index in watched.indices where watched[index].fd >= 0 && watched[index].revents != 0 {
                if !take(watched[index].fd, isOutput: index == 0) { watched[index].fd = -1 }
            }
            guard self.output.count <= limit, self.errors.count <= limit else {
                isTooLong = true
                return
            }
        }
    }

    /// False at the end of the stream.
    private mutating func take(_ number: Int32, isOutput: Bool) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(number, $0.baseAddress, $0.count) }
        if count < 0 { return errno == EINTR }
        if isOutput { output += chunk[..<count] } else { errors += chunk[..<count] }
        return count > 0
    }
}

extension FileDescriptor {
    /// A file that holds these bytes, opened at its beginning; its name is gone already.
    fileprivate static func holding(_ bytes: [UInt8]) throws(SystemError) -> FileDescriptor {
        guard !bytes.isEmpty else { return try FileDescriptor.open("/dev/null", O_RDONLY) }
        var name = Array("/tmp/postern-XXXXXX".utf8CString)
        let number = unsafe mkstemp(&name)
        guard number >= 0 else { throw .last("make a file in /tmp") }
        let file = FileDescriptor(owning: number)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        unsafe unlink(name)
        try file.writeAll(bytes)
        guard lseek(number, 0, SEEK_SET) == 0 else { throw .last("lseek") }
        return file
    }
}

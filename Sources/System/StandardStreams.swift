import Glibc

/// Standard input, output and error, and a password typed without echo.
public enum StandardStreams {
    public static func output(_ text: String) throws(SystemError) { try write(text, to: STDOUT_FILENO) }
    public static func error(_ text: String) throws(SystemError) { try write(text, to: STDERR_FILENO) }

    /// Whether standard input is a terminal (isatty(3)).
    public static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }
    public static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The next line of standard input without its line feed; nil at the end of the input.
    ///
    /// Read byte by byte: nothing behind the line is taken, so a caller may hand the rest on.
    public static func readLine(limit: Int) throws(SystemError) -> [UInt8]? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count <= limit {
            let count = unsafe read(STDIN_FILENO, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .last("read standard input") }
            if count == 0 { return line.isEmpty ? nil : line }
            if byte == UInt8(ascii: "\n") { return line }
            line.append(byte)
        }
        throw SystemError("read standard input", errno: EFBIG)
    }

    /// Asks on the terminal with echo off; the terminal is put back also when the read fails.
    public static func readPassword(prompt: String, limit: Int = 1024) throws(SystemError) -> [UInt8]? {
        var saved = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &saved) == 0 else { throw .last("read the terminal's settings") }
        var silent = saved
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else { throw .last("switch the echo off") }
        // The prompt comes after the echo is off: whoever answers it at once must not be shown.
        defer {
            unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
            try? error("\n")
        }
        try error(prompt)
        return try readLine(limit: limit)
    }

    private static func write(_ text: String, to number: Int32) throws(SystemError) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(number, $0.baseAddress! + done, $0.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .last("write") }
            done += count
        }
    }
}

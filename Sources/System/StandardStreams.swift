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
        try readLine(limit: limit, beforeEachByte: { () throws(SystemError) in })
    }

    static func readLine(
        limit: Int, beforeEachByte wait: () throws(SystemError) -> Void
    ) throws(SystemError) -> [UInt8]? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count <= limit {
            try wait()
            let count = unsafe read(STDIN_FILENO, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .last("read standard input") }
            if count == 0 { return line.isEmpty ? nil : line }
            if byte == UInt8(ascii: "\n") { return line }
            line.append(byte)
        }
        throw SystemError("read standard input", errno: EFBIG)
    }

    /// Asks on the terminal with echo off; the terminal is put back also when the read fails or a signal comes.
    public static func readPassword(prompt: String, limit: Int = 1024) throws(SystemError) -> [UInt8]? {
        try PasswordPrompt(text: prompt, limit: limit).ask()
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

import Glibc

/// A password that is typed without echo on the terminal that is standard input.
///
/// A signal ends a program without `defer`, and would leave a shell behind that shows nothing of what is typed. So
/// signals wait until the terminal is as it was.
struct PasswordPrompt {
    /// How long a signal may wait, ms: poll(2) does not wake for one that is held back.
    private static let patience: Int32 = 50

    let text: String
    let limit: Int

    /// Who stops the program (Ctrl-Z) and goes on later is asked again.
    func ask() throws(SystemError) -> [UInt8]? {
        while true {
            do throws(SystemError) {
                return try askOnce()
            } catch {
                guard error.errno == EINTR else { throw error }
            }
        }
    }

    private func askOnce() throws(SystemError) -> [UInt8]? {
        let signals = HeldSignals()
        defer { signals.letGo() }
        var saved = try silence()
        // The prompt comes after the echo is off: whoever answers it at once must not be shown.
        defer {
            unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
            try? StandardStreams.error("\n")
        }
        try StandardStreams.error(text)
        return try StandardStreams.readLine(limit: limit) { () throws(SystemError) in try waitForInput(signals) }
    }

    /// Switches the echo off; returns the settings before.
    private func silence() throws(SystemError) -> termios {
        var saved = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &saved) == 0 else { throw .last("read the terminal's settings") }
        var silent = saved
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else { throw .last("switch the echo off") }
        return saved
    }

    /// - Throws: EINTR where a signal came.
    private func waitForInput(_ signals: HeldSignals) throws(SystemError) {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while true {
            let count = unsafe poll(&input, 1, PasswordPrompt.patience)
            if count < 0 && errno != EINTR { throw .last("wait for the password") }
            if signals.isAnyWaiting { throw SystemError("wait for the password", errno: EINTR) }
            if count > 0 { return }
        }
    }
}

import Glibc

/// systemd's notification protocol (sd_notify(3)); does nothing when the process was not started by it.
public struct ServiceManager: Sendable {
    private let socketPath: String?
    /// How often the watchdog must be fed, in ns: half of WATCHDOG_USEC (sd_watchdog_enabled(3)).
    public let watchdogInterval: UInt64?

    public init() {
        socketPath = Environment.value("NOTIFY_SOCKET")
        if let text = Environment.value("WATCHDOG_USEC"), let microseconds = UInt64(text), microseconds > 0,
            Environment.value("WATCHDOG_PID").map({ $0 == String(Environment.processID) }) ?? true
        {
            watchdogInterval = microseconds * 500
        } else {
            watchdogInterval = nil
        }
    }

    public func ready(status: String) { send("READY=1\nSTATUS=\(status)") }
    public func status(_ text: String) { send("STATUS=\(text)") }
    /// From here on systemd asks for no watchdog (service.c: only while the service starts, runs or reloads).
    public func stopping(status: String) { send("STOPPING=1\nSTATUS=\(status)") }
    public func feedWatchdog() { send("WATCHDOG=1") }

    private func send(_ message: String) {
        guard let socketPath else { return }
        _ = DatagramSocket.send(Array(message.utf8), to: socketPath)
    }
}

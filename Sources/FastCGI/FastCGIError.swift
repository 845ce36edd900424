import System

/// Why the FastCGI side could not start.
public struct FastCGIError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// LISTEN_FDS names no usable socket.
        case inheritedSocket
        /// The socket's path: too long, in use, or not ours to replace.
        case socketPath
        case system
        /// FCGX_Init failed.
        case library
    }

    public let code: Code
    public let reason: String

    init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    init(_ error: SystemError) {
        self.init(.system, error.description)
    }

    public var description: String { reason }
}

import System

/// Why the rate table cannot be opened, with the cure where there is one.
public struct RateError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// A system call failed; its errno is in `system`.
        case system
        /// A symbolic link, a directory, another owner, other permissions: not ours to use or to replace.
        case foreignFile
        /// The tables cannot be of this size.
        case capacity
        /// There is no table yet and this process may not make one.
        case absent
        /// Another process has been making the table for too long.
        case busy
        /// The file is not a table of this layout and this boot.
        case unusable
    }

    public let code: Code
    public let path: String
    public let reason: String
    public let system: SystemError?

    init(_ code: Code, path: String, reason: String) {
        self.code = code
        self.path = path
        self.reason = reason
        self.system = nil
    }

    init(_ error: SystemError, path: String) {
        self.code = .system
        self.path = path
        self.reason = error.description
        self.system = error
    }

    /// A system call's error names the path itself.
    public var description: String { system == nil ? "\(path): \(reason)" : reason }
}

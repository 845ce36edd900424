import Glibc

/// A system call that failed: which, on what, and `errno`.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    public let operation: String
    public let path: String?
    /// errno(3)
    public let errno: Int32
    /// In place of the errno's own words, where those would mislead.
    private let ownReason: String?

    public init(_ operation: String, path: String? = nil, errno: Int32, reason: String? = nil) {
        self.operation = operation
        self.path = path
        self.errno = errno
        ownReason = reason
    }

    /// Takes `errno` at once: any later call may overwrite it.
    public static func last(_ operation: String, path: String? = nil) -> SystemError {
        SystemError(operation, path: path, errno: Glibc.errno)
    }

    public var isNotFound: Bool { errno == ENOENT }

    public var reason: String { unsafe ownReason ?? String(cString: strerrorname(errno)) }

    public var description: String {
        if let path { "\(operation) \(path): \(reason)" } else { "\(operation): \(reason)" }
    }
}

/// strerror(3) is safe here: glibc 2.32 and later returns constant or thread-local text.
private func strerrorname(_ code: Int32) -> UnsafePointer<CChar> {
    unsafe UnsafePointer(strerror(code)!)
}

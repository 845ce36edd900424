/// Why a key file is refused, with the cure. Never holds any of the file's bytes.
public struct KeyFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable, for the log.
    public enum Code: String, Sendable {
        case missing = "key_file_missing"
        case unreadable = "key_file_unreadable"
        case permissions = "key_file_permissions"
        case notRegular = "key_file_not_regular"
        case empty = "key_file_empty"
        case broken = "key_file_broken"
        case short = "key_short"
        case publiclyKnown = "key_publicly_known"
        case unusable = "key_unusable"
        /// It changed while it was being read.
        case changing = "key_file_changing"
    }

    public let code: Code
    public let path: String
    public let reason: String
    public let cure: String

    public var description: String { "\(path): refused: \(reason). Cure: \(cure)" }
}

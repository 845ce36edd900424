import Cryptography
import System

/// The key file: a JWK Set (RFC 7517 section 5) when its first byte that is not white space is `{`, else a raw secret
/// the way a vault agent mounts it.
public struct KeyFile: Sendable {
    /// What to do with a secret that is printed in tutorials or repositories.
    public enum PublicSecretRule: Sendable {
        /// posternd and `postern key`.
        case refuse
        /// `postern token check` and tests: taken, and marked `isPubliclyKnown`.
        case accept
    }

    public let keys: [TokenKey]
    /// Keys of a set that were left out because they are not for signing tokens here, a line each.
    public let notes: [String]

    /// The longest file in bytes.
    public static let largest = 65_536
    static let permissionsCure = "chown root:_postern and chmod 0640"
    static let generateCure = "postern key generate"

    /// Reads and checks a file. A file that others may read, or that its group may write, is refused unread.
    public static func load(_ path: String, publicSecrets: PublicSecretRule = .refuse) throws(KeyFileError) -> KeyFile {
        try loadWithStatus(path, publicSecrets: publicSecrets).file
    }

    /// - Returns: the status is that of the very content: the same before and after reading.
    static func loadWithStatus(
        _ path: String, publicSecrets: PublicSecretRule
    ) throws(KeyFileError) -> (file: KeyFile, status: FileStatus) {
        let status = try system(path) { () throws(SystemError) in try FileStatus.of(path) }
        if let error = fault(in: status, path: path) { throw error }
        var bytes = try system(path) { () throws(SystemError) in try Files.read(path, limit: largest) }
        defer { wipe(&bytes) }
        guard try system(path, { () throws(SystemError) in try FileStatus.of(path) }) == status else {
            throw KeyFileError(
                code: .changing, path: path, reason: "it changed while it was read", cure: "try again")
        }
        return (try parse(bytes, path: path, publicSecrets: publicSecrets), status)
    }

    private static func system<Value>(
        _ path: String, _ call: () throws(SystemError) -> Value
    ) throws(KeyFileError) -> Value {
        do {
            return try call()
        } catch {
            throw KeyFileError(error, path: path)
        }
    }

    /// Reads the content of a key file.
    public static func parse(
        _ bytes: [UInt8], path: String, publicSecrets: PublicSecretRule = .refuse
    ) throws(KeyFileError) -> KeyFile {
        guard let first = bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
            throw KeyFileError(code: .empty, path: path, reason: "empty", cure: generateCure)
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw KeyFileError(
                code: .broken, path: path, reason: "begins with a byte order mark",
                cure: "save it without one, or \(generateCure)")
        }
        let file =
            first == UInt8(ascii: "{")
            ? try KeySetParser(path: path).parse(bytes)
            : KeyFile(keys: [try rawSecret(bytes, path: path)], notes: [])
        if publicSecrets == .refuse, let key = file.keys.first(where: \.isPubliclyKnown) {
            let which = key.origin == .rawSecret ? "this secret" : "the secret of key \"\(key.id)\""
            throw KeyFileError(
                code: .publiclyKnown, path: path, reason: "\(which) is printed in public tutorials or repositories",
                cure: generateCure)
        }
        return file
    }

    /// The bytes less one trailing LF or CRLF, never decoded.
    private static func rawSecret(_ bytes: [UInt8], path: String) throws(KeyFileError) -> TokenKey {
        var end = bytes.count
        if bytes[end - 1] == 0x0A {
            end -= 1
            if end > 0, bytes[end - 1] == 0x0D { end -= 1 }
        }
        let secret = SecretBytes(bytes.span.extracting(0..<end))
        guard secret.count >= TokenKey.shortestSecret else {
            throw KeyFileError(
                code: .short, path: path,
                reason: "the secret has \(secret.count) bytes; HS256 needs at least \(TokenKey.shortestSecret)",
                cure: generateCure)
        }
        if bytes.starts(with: "-----BEGIN ".utf8) {
            throw KeyFileError(
                code: .unusable, path: path, reason: "a PEM file is not a shared secret; this release signs with HS256",
                cure: generateCure)
        }
        // What a file holds that was allocated and never written.
        if bytes[..<end].allSatisfy({ $0 == bytes[0] }) {
            throw KeyFileError(
                code: .unusable, path: path, reason: "all bytes of the secret are the same", cure: generateCure)
        }
        do {
            return try TokenKey(secret: secret, origin: .rawSecret)
        } catch {
            throw KeyFileError(code: .unusable, path: path, reason: error.description, cure: "try again")
        }
    }

    private static func fault(in status: FileStatus, path: String) -> KeyFileError? {
        guard status.isRegular else {
            return KeyFileError(
                code: .notRegular, path: path, reason: "not a regular file", cure: "name the file itself in [keys] file"
            )
        }
        guard status.size <= largest else {
            return KeyFileError(
                code: .broken, path: path, reason: "longer than \(largest) bytes", cure: generateCure)
        }
        let reason: String
        switch status.mode {
        case let mode where mode & 0o002 != 0: reason = "writable by others"
        case let mode where mode & 0o005 != 0: reason = "readable by others"
        case let mode where mode & 0o020 != 0: reason = "writable by its group"
        default: return nil
        }
        return KeyFileError(
            code: .permissions, path: path, reason: "\(reason) (\(status.permissions))", cure: permissionsCure)
    }
}

extension KeyFileError {
    /// errno(3) in the words of a sysadmin.
    init(_ error: SystemError, path: String) {
        self.init(
            code: error.isNotFound ? .missing : .unreadable, path: path,
            reason: error.isNotFound ? "there is no such file" : "\(error.operation): \(error.reason)",
            cure: error.isNotFound ? KeyFile.generateCure : KeyFile.permissionsCure)
    }
}

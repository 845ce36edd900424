import Cryptography
import System

/// A secret in a file of its own: the peer secret, a database password.
enum SecretFile {
    private static let sizeLimit = 4096

    /// The content less one LF or CRLF; refused when others may read it or its group may write it.
    static func read(_ path: String, atLeast: Int = 1) throws(SecretFileError) -> SecretBytes {
        let status: FileStatus
        var bytes: [UInt8]
        do throws(SystemError) {
            (status, bytes) = try Files.readWithStatus(path, limit: sizeLimit)
        } catch {
            throw SecretFileError(path, "cannot be read: \(error.reason). Cure: postern setup, or correct the setting")
        }
        defer { wipe(&bytes) }
        guard status.mode & 0o027 == 0 else {
            throw SecretFileError(
                path,
                "others may read it or its group may write it (\(status.permissions)). "
                    + "Cure: chown root:_postern and chmod 0640")
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard bytes.count >= atLeast else {
            throw SecretFileError(path, "is shorter than \(atLeast) bytes. Cure: postern setup")
        }
        return SecretBytes(taking: &bytes)
    }
}

struct SecretFileError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    var description: String { "\(path): refused: \(reason)" }
}

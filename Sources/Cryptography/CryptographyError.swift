/// Why the cryptography could not do its work. Never carries key or password bytes.
public enum CryptographyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The generator gave no bytes (RAND_bytes(3)); the code is OpenSSL's.
    case randomUnavailable(code: UInt)
    /// A call of libcrypto failed; the code is OpenSSL's, for `openssl errstr`.
    case library(operation: String, code: UInt)
    /// crypt_r(3) or crypt_gensalt_rn(3) refused a setting of ours.
    case hashUnavailable
    /// An HMAC key of no bytes authenticates nothing.
    case emptyKey
    /// bcrypt reads 72 bytes of a password and no more.
    case passwordTooLong
    /// A NUL byte ends the password for crypt_r(3).
    case passwordContainsNUL
    /// The cost is not one of `PasswordHash.costs`.
    case costOutOfRange(Int)

    public var description: String {
        switch self {
        case .randomUnavailable(let code): "the random generator failed (OpenSSL error \(code))"
        case .library(let operation, let code): "\(operation) failed (OpenSSL error \(code))"
        case .hashUnavailable: "crypt_r could not make a bcrypt hash"
        case .emptyKey: "the key is empty"
        case .passwordTooLong: "the password is longer than 72 bytes, which is all that bcrypt reads"
        case .passwordContainsNUL: "the password holds a NUL byte"
        case .costOutOfRange(let cost):
            "bcrypt cost \(cost) is not between \(PasswordHash.costs.lowerBound) and \(PasswordHash.costs.upperBound)"
        }
    }
}

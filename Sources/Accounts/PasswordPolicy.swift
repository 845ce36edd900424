/// Why a password cannot be set. The texts are for the person who chose it and never repeat it.
public enum PasswordRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    case tooShort(length: Int, minimum: Int)
    case tooLong(bytes: Int)
    case holdsNUL
    case common
    case sameAsEmail

    public var description: String {
        switch self {
        case .tooShort(let length, let minimum):
            "the password has \(length) characters; at least \(minimum) are needed. Some words in a row do well"
        case .tooLong(let bytes):
            "the password has \(bytes) bytes in UTF-8; bcrypt reads \(PasswordPolicy.maximumBytes) and no more"
        case .holdsNUL: "the password holds a NUL character"
        case .common: "this password is on the list of common passwords"
        case .sameAsEmail: "the password is the e-mail address"
        }
    }
}

/// What a new password must be; a login does not ask (NIST SP 800-63B-4 section 3.1.1.2).
///
/// There are no composition rules. A password is taken as it is typed: not trimmed, not normalised.
public struct PasswordPolicy: Sendable, Equatable {
    /// bcrypt ignores what follows.
    public static let maximumBytes = 72

    /// In code points.
    public var minimumLength: Int
    public var refusesCommon: Bool

    public init(minimumLength: Int = 15, refusesCommon: Bool = true) {
        self.minimumLength = minimumLength
        self.refusesCommon = refusesCommon
    }

    public func check(_ password: String, email: EmailAddress? = nil) throws(PasswordRefusal) {
        guard !password.utf8.contains(0) else { throw .holdsNUL }
        let length = password.unicodeScalars.count
        guard length >= minimumLength else { throw .tooShort(length: length, minimum: minimumLength) }
        guard password.utf8.count <= Self.maximumBytes else { throw .tooLong(bytes: password.utf8.count) }
        let folded = password.lowercased()
        if let email {
            let name = email.text.prefix { $0 != "@" }
            if folded == email.text.lowercased() || folded == name.lowercased() { throw .sameAsEmail }
        }
        if refusesCommon && CommonPasswords.contains(folded) { throw .common }
    }
}

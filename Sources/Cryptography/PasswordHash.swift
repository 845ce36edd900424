import Synchronization

/// Password hashes through crypt_r(3): bcrypt is written and read, yescrypt is read, nothing else.
///
/// bcrypt reads 72 bytes of a password and stops at a NUL. A longer password or one with a NUL is refused when it is
/// set, and never matches at a login, where it costs the same work as any other.
public enum PasswordHash {
    /// The bcrypt costs (log2 of the rounds) that are ever computed. 14 takes about a second on a small server.
    public static let costs = 4...14
    /// The most memory that a stored yescrypt hash may ask for, in bytes; libxcrypt's default is 16 MiB.
    public static let largestMemory = 64 << 20
    /// The bytes of a password that bcrypt reads.
    public static let bcryptLimit = 72

    /// Hashes a password for storage, as `$2b$`.
    public static func bcrypt(
        _ password: SecretBytes, cost: Int, in place: HashPlace = .here
    ) throws(CryptographyError) -> String {
        guard costs.contains(cost) else { throw .costOutOfRange(cost) }
        guard password.count <= bcryptLimit else { throw .passwordTooLong }
        guard !password.containsNUL else { throw .passwordContainsNUL }
        let setting = try Crypt.bcryptSetting(cost: cost)
        count(exponent: cost)
        guard let hash = place.hash(password, setting: setting) else { throw .hashUnavailable }
        return String(decoding: hash, as: UTF8.self)
    }

    /// Compares a password with a stored hash. The work is that of the stored hash alone; see `check`.
    public static func verify(_ password: SecretBytes, against stored: String) -> Verdict {
        do throws(UnusableHash) {
            return try verify(password, against: StoredHash(stored), in: .here)
        } catch {
            return .unusable(error)
        }
    }

    /// The check of a login: whatever is wrong, the work is that of a wrong password at today's cost.
    ///
    /// - `stored`: the user's hash, or `nil` when there is no such user.
    /// - `mayPass`: `false` for a user who may not log in. The right password then counts as a wrong one, in work too.
    ///
    /// After a failed check against a hash of a lower cost c, dummy hashes of c, c + 1, ... up to today's cost less
    /// one make up exactly what is missing: 2^c + 2^c + 2^(c+1) + ... = 2^today. For a yescrypt hash this is near,
    /// not exact. A hash of a higher cost than today's takes its own time.
    public static func check(
        _ password: SecretBytes, against stored: String?, todaysCost: Int, mayPass: Bool = true,
        in place: HashPlace = .here
    ) -> Verdict {
        guard let stored else {
            spend(exponent: todaysCost, on: password, in: place)
            return .mismatch
        }
        do throws(UnusableHash) {
            let hash = try StoredHash(stored)
            let verdict = try verify(password, against: hash, in: place)
            if verdict == .match && mayPass { return .match }
            spendMissing(after: hash.workExponent, todaysCost: todaysCost, on: password, in: place)
            return .mismatch
        } catch {
            spend(exponent: todaysCost, on: password, in: place)
            return .unusable(error)
        }
    }

    /// Whether a good login should replace the hash: it takes less work than today's cost.
    public static func needsRehash(_ stored: String, cost: Int) -> Bool {
        guard let hash = try? StoredHash(stored) else { return false }
        return hash.workExponent < cost
    }

    /// All hashes of this process so far, in bcrypt rounds (2^cost each; a yescrypt hash as the bcrypt cost that is
    /// nearest to it). Equal answers are shown to have cost equal work by this number.
    public static var workDone: UInt64 { rounds.load(ordering: .relaxed) }

    private static func verify(
        _ password: SecretBytes, against stored: StoredHash, in place: HashPlace
    ) throws(UnusableHash) -> Verdict {
        count(exponent: stored.workExponent)
        guard let hash = place.hash(password, setting: stored.text) else { throw .failed }
        let isEqual = constantTimeEqual(hash, stored.text)
        let isWhole = password.count <= stored.passwordLimit && !password.containsNUL
        return isEqual && isWhole ? .match : .mismatch
    }

    private static func spendMissing(
        after exponent: Int, todaysCost: Int, on password: SecretBytes, in place: HashPlace
    ) {
        for cost in exponent..<max(exponent, todaysCost) { spend(exponent: cost, on: password, in: place) }
    }

    /// A hash whose result nobody reads. Its salt is public and constant: it protects nothing.
    private static func spend(exponent: Int, on password: SecretBytes, in place: HashPlace) {
        let cost = min(max(exponent, costs.lowerBound), costs.upperBound)
        let setting = (cost < 10 ? "$2b$0\(cost)$" : "$2b$\(cost)$") + "abcdefghijklmnopqrstuu"
        count(exponent: cost)
        _ = place.hash(password, setting: Array(setting.utf8))
    }

    private static func count(exponent: Int) {
        rounds.add(1 << UInt64(exponent), ordering: .relaxed)
    }
}

private let rounds = Atomic<UInt64>(0)

/// What a check of a password says.
public enum Verdict: Sendable, Equatable {
    case match
    case mismatch
    /// The stored hash cannot be checked: the login fails, and the log says why.
    case unusable(UnusableHash)
}

/// Why a stored hash is not checked. The raw value is stable, for the log.
public enum UnusableHash: String, Error, Sendable {
    case empty = "hash_empty"
    /// Not bcrypt or yescrypt.
    case unknownFormat = "hash_format_unknown"
    case malformed = "hash_malformed"
    /// Outside `PasswordHash.costs` or `PasswordHash.largestMemory`.
    case costOutOfRange = "hash_cost_out_of_range"
    /// crypt_r(3) failed, for want of memory.
    case failed = "hash_failed"
}

extension SecretBytes {
    /// Looks at every byte, wherever a NUL is.
    fileprivate var containsNUL: Bool {
        withBytes { bytes in
            var found = false
            for index in bytes.indices { found = found || bytes[index] == 0 }
            return found
        }
    }
}

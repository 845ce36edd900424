/// A password hash as the database holds it, of a format and a cost that may reach crypt_r(3).
struct StoredHash {
    enum Scheme: Equatable {
        /// 2^cost rounds.
        case bcrypt(cost: Int)
        /// Memory in bytes.
        case yescrypt(memory: Int)
    }

    let scheme: Scheme
    let text: [UInt8]

    /// What crypt_r(3) would take besides (`$1$`, DES, `$2x$`, scrypt, ...) is refused here, and so is a cost that
    /// would hold a thread for minutes or days.
    init(_ stored: String) throws(UnusableHash) {
        text = Array(stored.utf8)
        guard !text.isEmpty else { throw .empty }
        if text.starts(with: "$2".utf8) {
            scheme = .bcrypt(cost: try StoredHash.bcryptCost(text))
        } else if text.starts(with: "$y$".utf8) {
            scheme = .yescrypt(memory: try StoredHash.yescryptMemory(text))
        } else {
            throw .unknownFormat
        }
    }

    /// The work of one check, as the bcrypt cost that takes about as long.
    ///
    /// bcrypt's is exact. yescrypt at 16 MiB (libxcrypt's default, `$y$j9T$`) takes about as long as bcrypt at
    /// cost 9, and is in proportion to its memory.
    var workExponent: Int {
        switch scheme {
        case .bcrypt(let cost): cost
        case .yescrypt(let memory): max(PasswordHash.costs.lowerBound, 9 + memory.log2 - (16 << 20).log2)
        }
    }

    /// How many bytes of a password count.
    var passwordLimit: Int {
        switch scheme {
        case .bcrypt: PasswordHash.bcryptLimit
        case .yescrypt: Crypt.longestPhrase
        }
    }

    /// `$2a$`, `$2b$` or `$2y$`, two digits, `$`, 53 characters (crypt(5)).
    private static func bcryptCost(_ text: [UInt8]) throws(UnusableHash) -> Int {
        guard text.count > 3, "aby".utf8.contains(text[2]), text[3] == UInt8(ascii: "$") else { throw .unknownFormat }
        guard text.count == 60, text[6] == UInt8(ascii: "$"),
            text[7...].allSatisfy({ CryptAlphabet.value(of: $0) != nil }),
            let tens = digit(text[4]), let ones = digit(text[5])
        else { throw .malformed }
        let cost = tens * 10 + ones
        guard PasswordHash.costs.contains(cost) else { throw .costOutOfRange }
        return cost
    }

    /// `$y$`, parameters, `$`, salt, `$`, 43 characters (crypt(5)).
    ///
    /// Of the parameters (yescrypt's params, libxcrypt alg-yescrypt-common.c) just the form that libxcrypt itself
    /// makes is taken: the flavour `j`, log2 N less one and r less one, one character each.
    private static func yescryptMemory(_ text: [UInt8]) throws(UnusableHash) -> Int {
        let parts = text[3...].split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].count <= 86, parts[2].count == 43,
            parts.allSatisfy({ $0.allSatisfy { CryptAlphabet.value(of: $0) != nil } })
        else { throw .malformed }
        let parameters = Array(parts[0])
        guard parameters.count == 3, parameters[0] == UInt8(ascii: "j"),
            let exponent = CryptAlphabet.value(of: parameters[1]), let blocks = CryptAlphabet.value(of: parameters[2]),
            (9...17).contains(exponent), (7...31).contains(blocks)
        else { throw .costOutOfRange }
        let memory = 128 * (blocks + 1) << (exponent + 1)
        guard memory <= PasswordHash.largestMemory else { throw .costOutOfRange }
        return memory
    }

    private static func digit(_ byte: UInt8) -> Int? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
    }
}

/// The 64 characters of crypt(5): `./0-9A-Za-z`, in the order of their values.
enum CryptAlphabet {
    static func value(of byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: ".")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "."))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "A")) + 12
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a")) + 38
        default: nil
        }
    }
}

extension Int {
    /// The whole part of the logarithm to base 2 of a positive number.
    fileprivate var log2: Int { Int.bitWidth - 1 - leadingZeroBitCount }
}

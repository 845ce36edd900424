import CCrypt
import CLibcrypto

/// crypt(3) of libxcrypt, with everything it touched overwritten afterwards.
package enum Crypt {
    /// The longest phrase crypt_r(3) takes, less its closing NUL (CRYPT_MAX_PASSPHRASE_SIZE).
    static let longestPhrase = Int(CRYPT_MAX_PASSPHRASE_SIZE) - 1

    /// A fresh bcrypt setting, "$2b$NN$" and 22 characters of salt.
    static func bcryptSetting(cost: Int) throws(CryptographyError) -> [UInt8] {
        let salt = try randomBytes(16)
        var output = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        let made = unsafe salt.withUnsafeBytes { salt in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe crypt_gensalt_rn(
                    "$2b$", UInt(cost), salt.bindMemory(to: CChar.self).baseAddress, Int32(salt.count),
                    output.baseAddress, Int32(output.count)) != nil
            }
        }
        guard made else { throw .hashUnavailable }
        return output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }

    /// Hashes a phrase, up to its first NUL or `longestPhrase` bytes. `nil`: crypt_r(3) refused or failed.
    ///
    /// No rule of ours is applied: this is for `PasswordHash`, and for the tests of what crypt_r(3) itself answers.
    package static func hash(_ phrase: SecretBytes, setting: [UInt8]) -> [UInt8]? {
        // crypt_data is 32 KiB, must start zeroed, and holds what the phrase was worked into.
        let size = MemoryLayout<crypt_data>.size
        let room = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
        unsafe room.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defer {
            unsafe OPENSSL_cleanse(room, size)
            unsafe room.deallocate()
        }
        let data = unsafe room.assumingMemoryBound(to: crypt_data.self)
        let text = SecretBytes(terminating: phrase, limit: longestPhrase)
        let setting = setting.map { CChar(bitPattern: $0) } + [0]
        return text.withBytes { text in
            unsafe text.withUnsafeBytes { text in
                let phrase = unsafe text.bindMemory(to: CChar.self).baseAddress
                // The result lies in `room` and is copied before that is overwritten.
                guard let result = unsafe crypt_r(phrase, setting, data) else { return nil }
                let bytes = unsafe Array(String(cString: result).utf8)
                return bytes.first == UInt8(ascii: "*") ? nil : bytes
            }
        }
    }
}

extension SecretBytes {
    /// A copy as C wants it: at most `limit` bytes, and a NUL.
    fileprivate convenience init(terminating other: SecretBytes, limit: Int) {
        var bytes = [UInt8]()
        bytes.reserveCapacity(limit + 1)
        other.withBytes { source in
            for index in 0..<min(limit, source.count) { bytes.append(source[index]) }
        }
        bytes.append(0)
        self.init(taking: &bytes)
    }
}

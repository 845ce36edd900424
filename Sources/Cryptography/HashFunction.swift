import CLibcrypto

/// The SHA-2 family as JWS uses it (RFC 7518 section 3.2).
public enum HashFunction: String, Sendable, CaseIterable {
    case sha256 = "SHA256"
    case sha384 = "SHA384"
    case sha512 = "SHA512"

    /// Length of a digest and of an HMAC tag, in bytes.
    public var length: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }
}

/// SHA-256 (FIPS 180-4), 32 bytes.
public func sha256(_ bytes: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: HashFunction.sha256.length)
    let done = unsafe bytes.withUnsafeBufferPointer { input in
        unsafe digest.withUnsafeMutableBufferPointer { output in
            unsafe EVP_Digest(input.baseAddress, input.count, output.baseAddress, nil, EVP_sha256(), nil)
        }
    }
    guard done == 1 else { throw .library(operation: "EVP_Digest", code: ERR_get_error()) }
    return digest
}

/// SHA-256 (FIPS 180-4), 32 bytes.
public func sha256(_ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
    try sha256(bytes.span)
}

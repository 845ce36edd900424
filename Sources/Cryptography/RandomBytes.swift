import CLibcrypto

/// Bytes of the operating system's strength (RAND_bytes(3)): keys, salts, token identifiers.
public func randomBytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = unsafe bytes.withUnsafeMutableBufferPointer { unsafe RAND_bytes($0.baseAddress, Int32($0.count)) }
    guard filled == 1 else { throw .randomUnavailable(code: ERR_get_error()) }
    return bytes
}

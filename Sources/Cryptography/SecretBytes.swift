import CLibcrypto

/// Bytes that must not outlive their use: a key, a password.
///
/// The memory is its own, never grows or moves, and is overwritten before it is given back. Comparison takes
/// constant time. No description shows the content or its length.
@safe
public final class SecretBytes: Sendable, Equatable {
    /// Written in `init` only and freed in `deinit`, so that reading from several threads is safe.
    private nonisolated(unsafe) let storage: UnsafeMutableBufferPointer<UInt8>

    /// Copies the bytes; the caller's copy stays as it is.
    public init(_ bytes: Span<UInt8>) {
        unsafe storage = .allocate(capacity: bytes.count)
        for index in bytes.indices {
            unsafe storage.initializeElement(at: index, to: bytes[index])
        }
    }

    /// Copies the bytes; the caller's copy stays as it is.
    public convenience init(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// Takes the bytes over: the caller's array is overwritten and emptied.
    public convenience init(taking bytes: inout [UInt8]) {
        self.init(bytes.span)
        wipe(&bytes)
    }

    deinit {
        unsafe OPENSSL_cleanse(storage.baseAddress, storage.count)
        unsafe storage.deallocate()
    }

    public var count: Int { unsafe storage.count }
    public var isEmpty: Bool { count == 0 }

    /// Lends the bytes for the length of the call; a copy made inside is the caller's to overwrite.
    public func withBytes<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe storage.span)
    }

    public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        left.withBytes { first in right.withBytes { second in constantTimeEqual(first, second) } }
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "SecretBytes" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Overwrites an array's bytes and empties it.
///
/// Only this array is reached: another that shares its storage keeps the bytes, so share none.
public func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBufferPointer { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    bytes = []
}

/// Compares in a time that depends on the length alone (CRYPTO_memcmp(3)); different lengths are unequal.
public func constantTimeEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withUnsafeBufferPointer { first in
        unsafe right.withUnsafeBufferPointer { second in
            // An empty span may have no address, and two empty ones are equal.
            unsafe first.count == 0 || CRYPTO_memcmp(first.baseAddress, second.baseAddress, first.count) == 0
        }
    }
}

/// Compares in a time that depends on the length alone; different lengths are unequal.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    constantTimeEqual(left.span, right.span)
}

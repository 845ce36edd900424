import CLibcrypto
import Synchronization

/// HMAC (RFC 2104) with one key, for any number of threads.
///
/// The key is worked into a template context once. Each call borrows a context from a small stock, sets it back to
/// the keyed start and returns it: contexts are made by duplicating the template when the stock is empty, so there
/// are as many as calls ever ran at once.
public final class MAC: Sendable {
    /// The length of a tag in bytes.
    public let tagLength: Int

    private let template: Context
    private let stock = Mutex<[Context]>([])

    /// The key's bytes are copied into OpenSSL's context, which overwrites them when it is freed.
    public init(key: SecretBytes, hash: HashFunction = .sha256) throws(CryptographyError) {
        guard !key.isEmpty else { throw .emptyKey }
        tagLength = hash.length
        template = try key.withBytes { bytes throws(CryptographyError) in try Context(key: bytes, hash: hash) }
    }

    /// The tag of a message, `tagLength` bytes.
    public func tag(of message: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
        let context = try borrow()
        var tag = [UInt8](repeating: 0, count: tagLength)
        var output = tag.mutableSpan
        try context.compute(message, into: &output)
        giveBack(context)
        return tag
    }

    /// Whether `tag` is the whole tag of the message, compared in constant time; a shortened tag is not.
    public func isValid(_ tag: Span<UInt8>, of message: Span<UInt8>) throws(CryptographyError) -> Bool {
        guard tag.count == tagLength else { return false }
        let context = try borrow()
        var room = InlineArray<64, UInt8>(repeating: 0)
        var output = room.mutableSpan
        try context.compute(message, into: &output)
        let isEqual = constantTimeEqual(tag, room.span.extracting(first: tagLength))
        giveBack(context)
        return isEqual
    }

    /// The tag of a message, `tagLength` bytes.
    public func tag(of message: [UInt8]) throws(CryptographyError) -> [UInt8] { try tag(of: message.span) }

    /// Whether `tag` is the whole tag of the message, compared in constant time; a shortened tag is not.
    public func isValid(_ tag: [UInt8], of message: [UInt8]) throws(CryptographyError) -> Bool {
        try isValid(tag.span, of: message.span)
    }

    /// A context that no other call uses. One whose call failed is freed, not returned.
    private func borrow() throws(CryptographyError) -> Context {
        if let idle = stock.withLock({ $0.popLast() }) { return idle }
        return try Context(duplicating: template)
    }

    private func giveBack(_ context: Context) {
        stock.withLock { $0.append(context) }
    }
}

/// An EVP_MAC_CTX, owned and freed.
///
/// OpenSSL lets different threads use one context one after the other, never at once. `MAC` sees to that: a context
/// is either in its stock or with one call, and the template is only duplicated, which reads it.
@safe
private final class Context: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(key: Span<UInt8>, hash: HashFunction) throws(CryptographyError) {
        guard let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else {
            throw .library(operation: "EVP_MAC_fetch", code: ERR_get_error())
        }
        // The context keeps a reference of its own to the algorithm.
        defer { unsafe EVP_MAC_free(algorithm) }
        guard let made = unsafe EVP_MAC_CTX_new(algorithm) else {
            throw .library(operation: "EVP_MAC_CTX_new", code: ERR_get_error())
        }
        unsafe pointer = made
        guard unsafe Context.setKey(made, key, hash) == 1 else {
            throw .library(operation: "EVP_MAC_init", code: ERR_get_error())
        }
    }

    init(duplicating other: Context) throws(CryptographyError) {
        guard let copy = unsafe EVP_MAC_CTX_dup(other.pointer) else {
            throw .library(operation: "EVP_MAC_CTX_dup", code: ERR_get_error())
        }
        unsafe pointer = copy
    }

    deinit { unsafe EVP_MAC_CTX_free(pointer) }

    private static func setKey(_ context: OpaquePointer, _ key: Span<UInt8>, _ hash: HashFunction) -> Int32 {
        var name = Array(hash.rawValue.utf8CString)
        return unsafe name.withUnsafeMutableBufferPointer { name in
            let parameters = unsafe [
                OSSL_PARAM_construct_utf8_string("digest", name.baseAddress, 0), OSSL_PARAM_construct_end(),
            ]
            return unsafe parameters.withUnsafeBufferPointer { parameters in
                unsafe key.withUnsafeBufferPointer { key in
                    unsafe EVP_MAC_init(context, key.baseAddress, key.count, parameters.baseAddress)
                }
            }
        }
    }

    /// Writes the tag to the start of `output`, which has room for it.
    func compute(_ message: Span<UInt8>, into output: inout MutableSpan<UInt8>) throws(CryptographyError) {
        // Without a key, EVP_MAC_init(3) goes back to the start with the key that is there.
        let done = unsafe message.withUnsafeBufferPointer { message in
            unsafe output.withUnsafeMutableBufferPointer { output in
                var written = 0
                return unsafe EVP_MAC_init(pointer, nil, 0, nil) == 1
                    && EVP_MAC_update(pointer, message.baseAddress, message.count) == 1
                    && EVP_MAC_final(pointer, output.baseAddress, &written, output.count) == 1
            }
        }
        guard done else { throw .library(operation: "EVP_MAC_final", code: ERR_get_error()) }
    }
}

import Cryptography
import System

/// A JWS in compact form (RFC 7515 section 7.1) whose signature is good. The payload is not looked at before that.
struct SignedToken {
    let header: TokenHeader
    let key: TokenKey
    let encodedHeader: Range<Int>
    let payload: [UInt8]

    /// The longest token in bytes.
    static let longest = 4_096

    init(_ token: [UInt8], with ring: KeyRing, at moment: Moment) throws(TokenRefusal) {
        guard token.count <= SignedToken.longest else { throw .tooLong }
        let (first, second) = try SignedToken.dots(token)
        encodedHeader = 0..<first
        let span = token.span
        header = try SignedToken.header(span.extracting(0..<first), in: ring)
        guard let signature = Base64URL.decode(span.extracting((second + 1)...)) else { throw .badBase64url }
        key = try SignedToken.key(
            for: header, signature: signature.span, signed: span.extracting(0..<second), in: ring, at: moment)
        guard let payload = Base64URL.decode(span.extracting((first + 1)..<second)) else { throw .badBase64url }
        self.payload = payload
    }

    /// The places of the two dots between three segments, none of them empty.
    private static func dots(_ token: [UInt8]) throws(TokenRefusal) -> (first: Int, second: Int) {
        let bytes = token.span
        var first = 0
        var second = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: ".") {
            guard second == 0, index > first + (first > 0 ? 1 : 0) else { throw .malformed }
            if first == 0 { first = index } else { second = index }
        }
        guard second > 0, second + 1 < bytes.count else { throw .malformed }
        return (first, second)
    }

    /// A header that is byte for byte the one we write for a key needs no reading: it says what that one says.
    private static func header(_ text: Span<UInt8>, in ring: KeyRing) throws(TokenRefusal) -> TokenHeader {
        for entry in ring.entries where isEqual(text, entry.key.encodedHeader) { return entry.key.header }
        guard let bytes = Base64URL.decode(text) else { throw .badBase64url }
        return try TokenHeader(bytes)
    }

    /// Headers are public: the comparison may end early.
    private static func isEqual(_ left: Span<UInt8>, _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    /// The key whose signature it is. The header names a key and says nothing of how to use it: the algorithm is the
    /// key's, and the header's must be the same. Without a `kid`, every key is tried.
    private static func key(
        for header: TokenHeader, signature: Span<UInt8>, signed: Span<UInt8>, in ring: KeyRing, at moment: Moment
    ) throws(TokenRefusal) -> TokenKey {
        var refusal = TokenRefusal.unknownKey
        for entry in ring.entries where entry.mayVerify(at: moment) {
            let key = entry.key
            if let id = header.keyID, !hasSameBytes(key.id, id) { continue }
            guard header.algorithm == key.algorithm.rawValue else {
                refusal = .wrongAlgorithm
                continue
            }
            do {
                if try key.mac.isValid(signature, of: signed) { return key }
                refusal = .badSignature
            } catch {
                throw .unavailable
            }
        }
        throw refusal
    }
}

/// The members of a JOSE header (RFC 7515 section 4.1) that decide anything.
struct TokenHeader {
    let algorithm: String
    /// Without `application/`, in lower case (RFC 7515 section 4.1.9).
    let type: String?
    let keyID: String?

    /// The header of the tokens that are issued here.
    init(issuedWith algorithm: Algorithm, keyID: String) {
        self.algorithm = algorithm.rawValue
        type = "at+jwt"
        self.keyID = keyID
    }

    init(_ bytes: [UInt8]) throws(TokenRefusal) {
        var members = Members()
        do throws(JSONError) {
            var json = try JSONReader(bytes)
            try json.beginObject()
            while let name = try json.nextName() { try members.read(name, from: &json) }
            try json.end()
        } catch {
            throw error.code == .repeatedName ? .repeatedName : .badHeader
        }
        if let refusal = members.refusal { throw refusal }
        guard let algorithm = members.algorithm else { throw .missingAlgorithm }
        guard algorithm.lowercased() != "none" else { throw .noAlgorithm }
        if let id = members.keyID, !TokenKey.isID(id) { throw .badKeyID }
        self.algorithm = algorithm
        let type = members.type?.lowercased()
        let prefix = "application/"
        self.type = type?.hasPrefix(prefix) == true ? type.map { String($0.dropFirst(prefix.count)) } : type
        keyID = members.keyID
    }

    private struct Members {
        var algorithm: String?
        var type: String?
        var keyID: String?
        var refusal: TokenRefusal?

        mutating func read(_ name: String, from json: inout JSONReader) throws(JSONError) {
            switch name {
            case "alg": algorithm = try json.string()
            case "typ": type = try json.string()
            case "kid": keyID = try json.string()
            // Understood or not: nothing here makes use of an extension, so none may be critical.
            case "crit": refusal = refusal ?? .critical
            case "b64": refusal = refusal ?? .unencodedPayload
            case "jwk", "jku", "x5u", "x5c": refusal = refusal ?? .embeddedKey
            default: break
            }
        }
    }
}

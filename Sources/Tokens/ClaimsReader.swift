/// A claim as it stands in the token.
enum Claim<Value> {
    case absent
    /// Of another type than the claim has.
    case wrong
    case present(Value)

    init(_ value: Value?) { self = value.map(Claim.present) ?? .wrong }

    func optional(wrong: TokenRefusal) throws(TokenRefusal) -> Value? {
        switch self {
        case .absent: nil
        case .wrong: throw wrong
        case .present(let value): value
        }
    }

    func required(absent: TokenRefusal, wrong: TokenRefusal) throws(TokenRefusal) -> Value {
        guard let value = try optional(wrong: wrong) else { throw absent }
        return value
    }
}

/// The claims that are checked, taken from the payload in one pass. Types are checked here, meaning in `Verifier`.
struct ClaimsReader {
    var issuer = Claim<String>.absent
    var subject = Claim<String>.absent
    var audience = Claim<[String]>.absent
    var clientID = Claim<String>.absent
    var email = Claim<String>.absent
    var expires = Claim<Int64>.absent
    var notBefore = Claim<Int64>.absent
    var issued = Claim<Int64>.absent
    var tokenID = Claim<String>.absent
    var scope = Claim<String>.absent
    var version = Claim<Int64>.absent

    /// The end of the year 9999; a time beyond it, or before 1970, is no time.
    private static let latest: Int64 = 253_402_300_799

    init(_ payload: [UInt8]) throws(TokenRefusal) {
        do throws(JSONError) {
            var json = try JSONReader(payload)
            try json.beginObject()
            while let name = try json.nextName() { try read(name, from: &json) }
            try json.end()
        } catch {
            throw error.code == .repeatedName ? .repeatedName : .badClaims
        }
    }

    private mutating func read(_ name: String, from json: inout JSONReader) throws(JSONError) {
        switch name {
        case "iss": issuer = text(&json)
        case "sub": subject = text(&json)
        case "aud": audience = try list(&json)
        case "client_id": clientID = text(&json)
        case "email": email = text(&json)
        case "exp": expires = time(&json)
        case "nbf": notBefore = time(&json)
        case "iat": issued = time(&json)
        case "jti": tokenID = text(&json)
        case "scope": scope = text(&json)
        case "ver": version = Claim((try? json.integer()).flatMap { $0 >= 1 ? $0 : nil })
        default: break
        }
    }

    /// A value of another type stays unread; the reader then skips and checks it.
    private func text(_ json: inout JSONReader) -> Claim<String> { Claim(try? json.string()) }

    private func time(_ json: inout JSONReader) -> Claim<Int64> {
        Claim((try? json.integer()).flatMap { (0...ClaimsReader.latest).contains($0) ? $0 : nil })
    }

    /// A string, or an array of strings (RFC 7519 section 4.1.3).
    private func list(_ json: inout JSONReader) throws(JSONError) -> Claim<[String]> {
        guard json.kind() == .array else { return Claim((try? json.string()).map { [$0] }) }
        var elements: [String] = []
        var isRight = true
        try json.beginArray()
        while try json.nextElement() {
            if let element = try? json.string() { elements.append(element) } else { isRight = false }
        }
        return isRight ? .present(elements) : .wrong
    }
}

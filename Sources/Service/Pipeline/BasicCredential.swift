import Accounts
import Cryptography
import HTTP
import Tokens

/// The e-mail and the password of a request: `Authorization: Basic` (RFC 7617 section 2), in UTF-8 (section 2.1).
enum BasicCredential {
    case absent
    case malformed
    case password(LoginForm)

    /// - Parameter field: of the one Authorization header.
    init(_ field: String?) {
        guard let field else {
            self = .absent
            return
        }
        switch SchemeCredential(field, scheme: BasicCredential.scheme) {
        case .absent: self = .absent
        case .malformed: self = .malformed
        case .text(let encoded):
            guard var pair = BasicCredential.decode(encoded) else {
                self = .malformed
                return
            }
            defer { wipe(&pair) }
            self = BasicCredential.form(pair).map { .password($0) } ?? .malformed
        }
    }

    /// The first colon ends the e-mail; no control character may stand in either part.
    private static func form(_ pair: [UInt8]) -> LoginForm? {
        guard (try? UTF8Span(validating: pair.span)) != nil, pair.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
            let colon = pair.firstIndex(of: UInt8(ascii: ":")), colon + 1 < pair.count,
            let email = try? EmailAddress(String(decoding: pair[..<colon], as: UTF8.self))
        else { return nil }
        return LoginForm(email: email, password: SecretBytes(pair.span.extracting((colon + 1)...)))
    }

    /// Base64 with its padding (RFC 4648 section 4), strict: one byte string has one text.
    private static func decode(_ encoded: String) -> [UInt8]? {
        var text = Array(encoded.utf8)
        defer { wipe(&text) }
        guard text.count % 4 == 0 else { return nil }
        for _ in 0..<2 where text.last == UInt8(ascii: "=") { text.removeLast() }
        // The same bits in the two letters in which the alphabets differ.
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "+"): text[index] = UInt8(ascii: "-")
            case UInt8(ascii: "/"): text[index] = UInt8(ascii: "_")
            case UInt8(ascii: "-"), UInt8(ascii: "_"): return nil
            default: break
            }
        }
        return Base64URL.decode(text.span)
    }

    private static let scheme = Array("basic".utf8)
}

import Service
import System
import Tokens

/// Checks tokens one by one; the stored user is not looked up.
struct TokenExaminer {
    let ring: KeyRing
    /// nil: the signature alone.
    let verifier: Verifier?

    func verdict(on token: [UInt8], at moment: Moment) -> TokenVerdict {
        do throws(TokenRefusal) {
            let text = String(decoding: token, as: UTF8.self)
            if let verifier { _ = try verifier.verify(text, with: ring, at: moment) }
            return .valid(try TokenText.checkingSignatureOnly(text, with: ring, at: moment))
        } catch {
            return .refused(error)
        }
    }
}

enum TokenVerdict: Equatable {
    case valid(TokenText)
    case refused(TokenRefusal)
    /// Nil: nobody has issued it.
    case service(ServiceTokenReport?)

    var isValid: Bool {
        switch self {
        case .valid: true
        case .refused: false
        case .service(let report): report?.refusal == nil && report != nil
        }
    }

    /// `valid {...}` with the payload on one line, or `refused reason`. A service token is told by its number, also when
    /// it is refused.
    var line: String {
        switch self {
        case .service(let report?):
            (report.refusal.map { "refused \($0) " } ?? "valid ") + TerminalText.line(json: report.json().text)
        case .service(nil): "refused \(TokenVerdict.unknown)"
        case .valid(let token): "valid " + TokenVerdict.payload(token)
        case .refused(let refusal): "refused \(refusal.reason)"
        }
    }

    var json: JSON {
        switch self {
        case .valid(let token):
            .object([
                ("valid", .flag(true)), ("kid", .text(token.keyID)), ("claims", .written(TokenVerdict.payload(token))),
            ])
        case .refused(let refusal): .object([("valid", .flag(false)), ("reason", .text(refusal.reason))])
        case .service(nil): .object([("valid", .flag(false)), ("reason", .text(TokenVerdict.unknown))])
        case .service(let report?):
            .object(
                [("valid", .flag(isValid))] + (report.refusal.map { [("reason", .text($0))] } ?? [])
                    + [("service_token", report.json())])
        }
    }

    private static let unknown = "unknown_service_token"

    /// The payload as it was signed, less its line breaks; as a JSON string where it is not JSON.
    private static func payload(_ token: TokenText) -> String {
        guard isJSON(token.payload) else { return TerminalText.line(json: JSONText.quote(token.payload)) }
        return TerminalText.line(json: token.payload)
    }

    private static func isJSON(_ text: String) -> Bool {
        do throws(JSONError) {
            var json = try JSONReader(Array(text.utf8))
            try json.skip()
            try json.end()
            return true
        } catch {
            return false
        }
    }
}

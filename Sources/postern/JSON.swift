import Tokens

/// A value to be printed for programs (RFC 8259); members keep their order.
enum JSON {
    case text(String)
    case number(Int)
    case flag(Bool)
    case null
    case list([JSON])
    case object([(name: String, value: JSON)])
    /// JSON already.
    case written(String)

    init(_ text: String?) { self = text.map(JSON.text) ?? .null }

    var text: String {
        switch self {
        case .text(let text): JSONText.quote(text)
        case .number(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .null: "null"
        case .list(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .object(let members): "{" + members.map(JSON.member).joined(separator: ",") + "}"
        case .written(let text): text
        }
    }

    /// A list with each element on a line of its own, for what may be long.
    static func lines(_ elements: [JSON]) -> String { "[" + elements.map(\.text).joined(separator: ",\n") + "]" }

    private static func member(_ name: String, _ value: JSON) -> String { JSONText.quote(name) + ":" + value.text }
}

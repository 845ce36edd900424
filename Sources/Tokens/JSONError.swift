/// Why a text is not the JSON that was expected. Names the place, never the content.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case notUTF8 = "not UTF-8"
        case syntax = "not JSON"
        case tooDeep = "nested too deep"
        case repeatedName = "a name stands twice in one object"
        case trailingBytes = "something follows the value"
        case wrongType = "a value of another type was expected"
        case notAnInteger = "not an integer of 64 bits"
    }

    public let code: Code
    /// Bytes from the start of the text.
    public let offset: Int

    public var description: String { "\(code.rawValue) (byte \(offset))" }
}

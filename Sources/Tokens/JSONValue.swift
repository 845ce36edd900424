import System

/// A JSON value as a tree, for texts that are read seldom; `JSONReader` reads without one.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// The text of a number with a fraction, an exponent or more than 64 bits.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    public struct Member: Sendable, Equatable {
        public let name: String
        public let value: JSONValue
    }

    public init(parsing bytes: [UInt8], maximumDepth: Int = 8) throws(JSONError) {
        var reader = try JSONReader(bytes, maximumDepth: maximumDepth)
        self = try reader.value()
        try reader.end()
    }

    /// The member of an object; `nil` also for anything that is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { hasSameBytes($0.name, name) }?.value
    }

    public var string: String? { if case .string(let text) = self { text } else { nil } }
    public var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
}

extension JSONReader {
    /// The next value, whatever it is.
    public mutating func value() throws(JSONError) -> JSONValue {
        switch kind() {
        case .object:
            var members: [JSONValue.Member] = []
            try beginObject()
            while let name = try nextName() { members.append(JSONValue.Member(name: name, value: try value())) }
            return .object(members)
        case .array:
            var elements: [JSONValue] = []
            try beginArray()
            while try nextElement() { elements.append(try value()) }
            return .array(elements)
        case .string: return .string(try string())
        case .number:
            let text = try number()
            return Int64(text).map(JSONValue.integer) ?? .number(text)
        case .bool: return .bool(try bool())
        case .null:
            try null()
            return .null
        case nil: throw error(.syntax)
        }
    }
}

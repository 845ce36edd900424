import Cryptography
import System

/// A strict JSON reader (RFC 8259) in one pass, without a tree: the caller pulls what it wants, in the order of the
/// text. For tokens, key files and login bodies.
///
/// ```swift
/// var json = try JSONReader(bytes)
/// try json.beginObject()
/// while let name = try json.nextName() {
///     switch name {
///     case "email": email = try json.string()
///     default: break  // a value left unread is skipped, and checked like any other
///     }
/// }
/// try json.end()
/// ```
///
/// Refused: text that is not UTF-8, a name twice in one object (as bytes, after its escapes), nesting beyond
/// `maximumDepth`, lone surrogates, raw control characters, a byte order mark, anything behind the value. A call that
/// throws `wrongType` leaves the value in place, so that it can be read otherwise or skipped.
public struct JSONReader: Sendable {
    public enum Kind: Sendable { case object, array, string, number, bool, null }

    private struct Container {
        let isObject: Bool
        let firstName: Int
        var isFresh = true
        /// In place of a search through `names`, for an object of many.
        var manyNames: Set<[UInt8]>?
    }

    var bytes: [UInt8]
    var at = 0
    private var isValueDue = true
    private var containers: [Container] = []
    private var names: [String] = []
    private let maximumDepth: Int

    public init(_ bytes: [UInt8], maximumDepth: Int = 8) throws(JSONError) {
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw JSONError(code: .notUTF8, offset: error.byteOffsets.lowerBound)
        }
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// What comes next, without taking it. `nil` where no value can start.
    public mutating func kind() -> Kind? {
        skipSpace()
        guard let byte else { return nil }
        switch byte {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        default: return nil
        }
    }

    // MARK: Containers

    public mutating func beginObject() throws(JSONError) { try begin(.object) }

    public mutating func beginArray() throws(JSONError) { try begin(.array) }

    /// The name of the next member; `nil` ends the object.
    public mutating func nextName() throws(JSONError) -> String? {
        guard try nextPlace(closing: UInt8(ascii: "}")) else { return nil }
        guard byte == UInt8(ascii: "\"") else { throw error(.syntax) }
        let start = at
        let name = try text()
        try note(name, at: start)
        skipSpace()
        guard byte == UInt8(ascii: ":") else { throw error(.syntax) }
        at += 1
        isValueDue = true
        return name
    }

    /// Whether another element follows; `false` ends the array.
    public mutating func nextElement() throws(JSONError) -> Bool {
        guard try nextPlace(closing: UInt8(ascii: "]")) else { return false }
        isValueDue = true
        return true
    }

    /// After the one value of the text: nothing but white space may follow.
    public mutating func end() throws(JSONError) {
        if isValueDue { try skip() }
        skipSpace()
        guard containers.isEmpty, at == bytes.count else { throw error(.trailingBytes) }
    }

    // MARK: Values

    public mutating func string() throws(JSONError) -> String {
        guard kind() == .string else { throw error(.wrongType) }
        let text = try text()
        isValueDue = false
        return text
    }

    /// A string that must not linger in memory: a password, a key. The text itself stays with its owner.
    public mutating func secret() throws(JSONError) -> SecretBytes {
        guard kind() == .string else { throw error(.wrongType) }
        let (range, isPlain) = try scanString()
        var content = isPlain ? Array(bytes[range]) : try unescaped(range)
        isValueDue = false
        return SecretBytes(taking: &content)
    }

    /// A number without fraction and exponent that fits 64 bits.
    public mutating func integer() throws(JSONError) -> Int64 {
        guard kind() == .number else { throw error(.wrongType) }
        let start = at
        guard try scanNumber(), let value = Int64(String(decoding: bytes[start..<at], as: UTF8.self)) else {
            at = start
            throw error(.notAnInteger)
        }
        isValueDue = false
        return value
    }

    /// The text of any number, unconverted.
    public mutating func number() throws(JSONError) -> String {
        guard kind() == .number else { throw error(.wrongType) }
        let start = at
        _ = try scanNumber()
        isValueDue = false
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    public mutating func bool() throws(JSONError) -> Bool {
        guard kind() == .bool else { throw error(.wrongType) }
        let value = byte == UInt8(ascii: "t")
        try take(value ? "true" : "false")
        return value
    }

    public mutating func null() throws(JSONError) {
        guard kind() == .null else { throw error(.wrongType) }
        try take("null")
    }

    /// Reads over one value of any kind, with every check.
    public mutating func skip() throws(JSONError) {
        switch kind() {
        case .object:
            try beginObject()
            while try nextName() != nil { try skip() }
        case .array:
            try beginArray()
            while try nextElement() { try skip() }
        case .string:
            let (range, isPlain) = try scanString()
            if !isPlain { _ = try unescaped(range) }
        case .number: _ = try scanNumber()
        case .bool: _ = try bool()
        case .null: try null()
        case nil: throw error(.syntax)
        }
        isValueDue = false
    }

    // MARK: Inside

    var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

    func error(_ code: JSONError.Code) -> JSONError { JSONError(code: code, offset: at) }

    private mutating func begin(_ kind: Kind) throws(JSONError) {
        guard self.kind() == kind else { throw error(.wrongType) }
        guard containers.count < maximumDepth else { throw error(.tooDeep) }
        at += 1
        containers.append(Container(isObject: kind == .object, firstName: names.count))
        isValueDue = false
    }

    /// Moves to the next member or element, over the comma; false behind the closing bracket.
    private mutating func nextPlace(closing: UInt8) throws(JSONError) -> Bool {
        if isValueDue { try skip() }
        guard let container = containers.last, container.isObject == (closing == UInt8(ascii: "}")) else {
            throw error(.wrongType)
        }
        skipSpace()
        if byte == closing {
            at += 1
            names.removeSubrange(container.firstName...)
            containers.removeLast()
            return false
        }
        if container.isFresh {
            containers[containers.count - 1].isFresh = false
        } else {
            guard byte == UInt8(ascii: ",") else { throw error(.syntax) }
            at += 1
            skipSpace()
        }
        return true
    }

    /// Refuses a name that the innermost object has already. Swift's `==` on strings is wider than equality of
    /// bytes, so a hit is looked at again.
    private mutating func note(_ name: String, at start: Int) throws(JSONError) {
        let last = containers.count - 1
        let first = containers[last].firstName
        var isRepeated = false
        if containers[last].manyNames != nil {
            isRepeated = containers[last].manyNames?.insert(Array(name.utf8)).inserted == false
        } else {
            for index in first..<names.count where names[index] == name {
                isRepeated = isRepeated || hasSameBytes(names[index], name)
            }
            names.append(name)
            if names.count - first == 32 {
                containers[last].manyNames = Set(names[first...].map { Array($0.utf8) })
            }
        }
        if isRepeated { throw JSONError(code: .repeatedName, offset: start) }
    }

    private mutating func take(_ word: StaticString) throws(JSONError) {
        for expected in word.description.utf8 {
            guard byte == expected else { throw error(.syntax) }
            at += 1
        }
        isValueDue = false
    }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }
}

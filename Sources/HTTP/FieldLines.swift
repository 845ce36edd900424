import System

/// Header fields as they stand in an answer's head. The names are of a closed list and the values have been checked: no line
/// can be broken.
public struct FieldLines: Sendable {
    /// Each line behind the end of the one before it.
    private(set) var bytes: [UInt8] = []

    public init() {}

    public init(_ fields: [(name: HeaderName, value: HeaderValue)]) {
        for field in fields { add(field.name, field.value) }
    }

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func add(_ name: HeaderName, _ value: HeaderValue) {
        bytes.append(text: name.rawValue)
        bytes.append(text: value.text)
    }

    /// The first one's value.
    func value(of name: HeaderName) -> String? { fields.first { $0.name == name }?.value.text }

    var fields: [(name: HeaderName, value: HeaderValue)] {
        // In front of the first "\n" stands nothing but its "\r", and no value holds either of them.
        bytes.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap { line in
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            let value = line.dropFirst(name.count + 2).prefix { $0 != UInt8(ascii: "\r") }
            return HeaderName(rawValue: "\r\n\(String(decoding: name, as: UTF8.self)): ")
                .map { ($0, HeaderValue(checked: String(decoding: value, as: UTF8.self))) }
        }
    }
}

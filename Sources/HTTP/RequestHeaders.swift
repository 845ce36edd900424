/// The client's header fields in the order they came; a repeated field stands here more than once.
///
/// Names are lower case with "-": HTTP_ACCEPT_LANGUAGE is "accept-language" (RFC 3875 section 4.1.18).
public struct RequestHeaders: Sendable {
    public private(set) var fields: [(name: String, value: String)]

    public init() { fields = [] }

    public init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    public mutating func append(name: String, value: String) {
        fields.append((name, value))
    }

    public mutating func reserveCapacity(_ count: Int) { fields.reserveCapacity(count) }

    /// The first value; for fields that may come once only, look at `count(of:)` too.
    public subscript(name: String) -> String? {
        for field in fields where field.name == name { return field.value }
        return nil
    }

    public func count(of name: String) -> Int {
        var count = 0
        for field in fields where field.name == name { count += 1 }
        return count
    }
}

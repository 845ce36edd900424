/// Header fields written out once, for what many answers say alike. As safe as `Response.add`: the names are of the closed
/// list, the values have been checked.
public final class FieldLines: Sendable {
    let fields: [(name: HeaderName, value: HeaderValue)]
    /// Each line with the end of the one before it.
    let bytes: [UInt8]

    public init(_ fields: [(name: HeaderName, value: HeaderValue)]) {
        self.fields = fields
        var bytes: [UInt8] = []
        for field in fields { bytes.append(line: field.name, field.value) }
        self.bytes = bytes
    }
}

extension [UInt8] {
    mutating func append(line name: HeaderName, _ value: HeaderValue) {
        append(contentsOf: "\r\n".utf8)
        append(contentsOf: name.rawValue.utf8)
        append(contentsOf: ": ".utf8)
        append(contentsOf: value.text.utf8)
    }
}

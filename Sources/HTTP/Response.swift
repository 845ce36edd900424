/// What goes back to the client.
public struct Response: Sendable {
    public var status: Status
    public private(set) var headers: [(name: HeaderName, value: HeaderValue)]
    /// Further fields, in front of `headers`.
    private let prepared: FieldLines?
    public var body: [UInt8]

    public init(_ status: Status, prepared: FieldLines? = nil, body: [UInt8] = []) {
        self.status = status
        self.prepared = prepared
        self.headers = []
        self.headers.reserveCapacity(8)
        self.body = body
    }

    public init(_ status: Status, json: consuming JSONObject, type: HeaderValue = .json) {
        self.init(status, body: json.bytes())
        add(.contentType, type)
    }

    /// Names are of a closed list and values have been checked: no header can be broken.
    public mutating func add(_ name: HeaderName, _ value: HeaderValue) {
        headers.append((name, value))
    }

    public func header(_ name: HeaderName) -> String? {
        for header in headers where header.name == name { return header.value.text }
        return prepared?.fields.first { $0.name == name }?.value.text
    }

    /// The head of RFC 3875 section 6 and the body, in one buffer.
    public func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + body.count)
        bytes.append(contentsOf: "Status: ".utf8)
        bytes.append(contentsOf: status.line.utf8)
        if let prepared { bytes.append(contentsOf: prepared.bytes) }
        for header in headers { bytes.append(line: header.name, header.value) }
        bytes.append(contentsOf: "\r\n\r\n".utf8)
        bytes.append(contentsOf: body)
        return bytes
    }
}

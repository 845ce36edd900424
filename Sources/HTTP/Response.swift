/// What goes back to the client.
public struct Response: Sendable {
    public var status: Status
    public private(set) var headers: [(name: HeaderName, value: HeaderValue)]
    public var body: [UInt8]

    public init(_ status: Status, body: [UInt8] = []) {
        self.status = status
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
        return nil
    }

    /// The head of RFC 3875 section 6 and the body, in one buffer.
    public func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + body.count)
        bytes.append(contentsOf: "Status: ".utf8)
        bytes.append(contentsOf: status.line.utf8)
        for header in headers {
            bytes.append(contentsOf: "\r\n".utf8)
            bytes.append(contentsOf: header.name.rawValue.utf8)
            bytes.append(contentsOf: ": ".utf8)
            bytes.append(contentsOf: header.value.text.utf8)
        }
        bytes.append(contentsOf: "\r\n\r\n".utf8)
        bytes.append(contentsOf: body)
        return bytes
    }
}

/// What goes back to the client.
public struct Response: Sendable {
    public var status: Status
    public private(set) var headers: [(name: StaticString, value: HeaderValue)]
    public var body: [UInt8]

    public init(_ status: Status, body: [UInt8] = []) {
        self.status = status
        self.headers = []
        self.headers.reserveCapacity(8)
        self.body = body
    }

    public init(_ status: Status, json: String, type: HeaderValue = HeaderValue("application/json")) {
        self.init(status, body: Array(json.utf8))
        add("Content-Type", type)
    }

    /// Names are written in the source, values have been checked: no header can be broken.
    public mutating func add(_ name: StaticString, _ value: HeaderValue) {
        headers.append((name, value))
    }

    public func header(_ name: String) -> String? {
        for header in headers where "\(header.name)".lowercased() == name.lowercased() { return header.value.text }
        return nil
    }

    /// The head of RFC 3875 section 6 and the body, in one buffer.
    public func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + body.count)
        bytes.append(contentsOf: "Status: ".utf8)
        bytes.append(contentsOf: String(status.rawValue).utf8)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: status.phrase.utf8)
        for header in headers {
            bytes.append(contentsOf: "\r\n".utf8)
            bytes.append(contentsOf: "\(header.name)".utf8)
            bytes.append(contentsOf: ": ".utf8)
            bytes.append(contentsOf: header.value.text.utf8)
        }
        bytes.append(contentsOf: "\r\n\r\n".utf8)
        bytes.append(contentsOf: body)
        return bytes
    }
}

import System

/// What goes back to the client.
public struct Response: Sendable {
    public var status: Status
    private var lines: FieldLines
    public var body: [UInt8]

    /// - Parameter lines: fields to begin with.
    public init(_ status: Status, lines: FieldLines = FieldLines(), body: [UInt8] = []) {
        self.status = status
        self.lines = lines
        self.body = body
        self.lines.reserve(384)
    }

    public init(_ status: Status, json: consuming JSONObject, type: HeaderValue = .json) {
        self.init(status, body: json.bytes())
        add(.contentType, type)
    }

    /// Names are of a closed list and values have been checked: no header can be broken.
    public mutating func add(_ name: HeaderName, _ value: HeaderValue) { lines.add(name, value) }

    public func header(_ name: HeaderName) -> String? { lines.value(of: name) }

    /// In their order.
    public var headers: [(name: HeaderName, value: HeaderValue)] { lines.fields }

    /// The head of RFC 3875 section 6 and the body, in one buffer.
    public func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + lines.bytes.count + body.count)
        bytes.append(text: "Status: ")
        bytes.append(text: status.line)
        bytes.append(contentsOf: lines.bytes)
        bytes.append(text: "\r\n\r\n")
        bytes.append(contentsOf: body)
        return bytes
    }
}

/// Builds FastCGI records as the specification draws them (FastCGI 1.0, sections 3.3, 3.4 and 8), sound or not.
public enum FastCGI {
    public enum RecordType {
        public static let beginRequest: UInt8 = 1
        public static let abortRequest: UInt8 = 2
        public static let endRequest: UInt8 = 3
        public static let params: UInt8 = 4
        public static let stdin: UInt8 = 5
        public static let stdout: UInt8 = 6
        public static let stderr: UInt8 = 7
        public static let getValues: UInt8 = 9
    }

    public enum RoleNumber {
        public static let responder: UInt16 = 1
        public static let authorizer: UInt16 = 2
        public static let filter: UInt16 = 3
    }

    /// One record; its padding is zeros, or what is given.
    public static func record(
        _ type: UInt8, id: UInt16 = 1, _ content: [UInt8] = [], padding: [UInt8] = [], version: UInt8 = 1
    ) -> [UInt8] {
        let header: [UInt8] = [
            version, type, UInt8(id >> 8), UInt8(id & 0xff),
            UInt8(content.count >> 8), UInt8(content.count & 0xff), UInt8(padding.count), 0,
        ]
        return header + content + padding
    }

    public static func begin(
        role: UInt16 = RoleNumber.responder, id: UInt16 = 1, keep: Bool = true, padding: [UInt8] = []
    ) -> [UInt8] {
        let body: [UInt8] = [UInt8(role >> 8), UInt8(role & 0xff), keep ? 1 : 0, 0, 0, 0, 0, 0]
        return record(RecordType.beginRequest, id: id, body, padding: padding)
    }

    /// A name-value pair, each length in one byte where it fits.
    public static func pair(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] {
        length(name.count) + length(value.count) + name + value
    }

    public static func pair(_ name: String, _ value: String) -> [UInt8] {
        pair(Array(name.utf8), Array(value.utf8))
    }

    public static func pairs(_ pairs: [(String, String)]) -> [UInt8] {
        pairs.flatMap { pair($0.0, $0.1) }
    }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 128 { return [UInt8(count)] }
        return longLength(UInt32(count))
    }

    /// Four bytes with the highest bit set.
    public static func longLength(_ count: UInt32) -> [UInt8] {
        [UInt8(count >> 24 & 0x7f) | 0x80, UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff)]
    }

    /// A stream's content in records of at most `size` bytes, without the empty record that ends it.
    public static func stream(
        _ type: UInt8, id: UInt16 = 1, _ content: [UInt8], size: Int = 0xffff, padding: Int = 0
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count + content.count / size * (8 + padding) + 16)
        var position = 0
        while position < content.count {
            let end = min(position + size, content.count)
            bytes += record(type, id: id, Array(content[position..<end]), padding: Array(repeating: 0, count: padding))
            position = end
        }
        return bytes
    }

    public static func endOf(_ type: UInt8, id: UInt16 = 1) -> [UInt8] { record(type, id: id) }
}

/// A request as a web server would send it; change a field to send another.
public struct FastCGIRequest: Sendable {
    public var role = FastCGI.RoleNumber.responder
    public var id: UInt16 = 1
    public var keep = true
    public var parameters: [(String, String)]
    public var body: [UInt8]
    /// Content bytes of one PARAMS and one STDIN record.
    public var paramsSize = 0xffff
    public var stdinSize = 0x8000
    /// Padding of records that have content.
    public var padding = 0

    public init(_ path: String) { self.init("GET", path) }

    public init(_ method: String, _ path: String, body: [UInt8] = [], _ more: [(String, String)] = []) {
        parameters = [
            ("REQUEST_METHOD", method), ("DOCUMENT_URI", path), ("QUERY_STRING", ""),
            ("CONTENT_TYPE", ""), ("CONTENT_LENGTH", body.isEmpty ? "" : String(body.count)),
            ("REMOTE_ADDR", "127.0.0.1"), ("REQUEST_ID", "5f0c2a"), ("REQUEST_SCHEME", "https"),
            ("POSTERN_ROLE", "api"), ("HTTP_HOST", "www.example.com"), ("HTTP_ACCEPT_LANGUAGE", "en"),
        ]
        self.body = body
        parameters += more
    }

    public mutating func set(_ name: String, _ value: String) {
        parameters.removeAll { $0.0 == name }
        parameters.append((name, value))
    }

    public var head: [UInt8] {
        FastCGI.begin(role: role, id: id, keep: keep)
            + FastCGI.stream(
                FastCGI.RecordType.params, id: id, FastCGI.pairs(parameters), size: paramsSize, padding: padding)
            + FastCGI.endOf(FastCGI.RecordType.params, id: id)
    }

    public var bytes: [UInt8] {
        head + FastCGI.stream(FastCGI.RecordType.stdin, id: id, body, size: stdinSize, padding: padding)
            + FastCGI.endOf(FastCGI.RecordType.stdin, id: id)
    }
}

import Glibc
import HTTP

/// Makes a request of parameters (RFC 3875 section 4.1) in one pass; nothing of it points into C memory. The request is
/// written where it will stay: to copy one costs a count for each of its texts.
struct RequestReader {
    private var documentURI = ""
    private var scriptName = ""
    private var pathInfo = ""
    private var requirement = ""
    private var remoteUser = ""
    private var https = ""
    private var scheme = ""
    private var seen: UInt64 = 0
    private var isSound = true

    /// What a request is read into.
    static var empty: Request { Request(role: nil, method: "", path: "") }

    /// Reads the request that libfcgi has taken; false when its body is not what the gate has seen.
    static func read(
        _ library: LibraryRequest, isWhole: Bool, _ names: TrustedNames, into request: inout Request
    ) -> Bool {
        var reader = RequestReader()
        unsafe library.withParameters { unsafe reader.read($0, names, into: &request) }
        let isAuthorizer = library.isAuthorizer
        guard reader.finish(&request, isAuthorizer: isAuthorizer) else { return false }
        if isWhole {
            guard let body = library.readBody(count: isAuthorizer ? 0 : request.contentLength) else { return false }
            request.body = body
        } else {
            // An Authorizer has no body that could be missing.
            request.isBodyWhole = isAuthorizer
        }
        return true
    }

    /// Reads `NAME=value` strings up to a null pointer. The names are handed down and not held: all threads count
    /// references to them.
    mutating func read(
        _ parameters: UnsafePointer<UnsafeMutablePointer<CChar>?>, _ names: TrustedNames, into request: inout Request
    ) {
        request.headers.reserveCapacity(16)
        var next = unsafe parameters
        while let text = unsafe next.pointee {
            let length = unsafe strlen(text)
            let bytes = unsafe UnsafeBufferPointer(
                start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: length)
            unsafe add(bytes, names, to: &request)
            unsafe next += 1
        }
    }

    /// Reads one `NAME=value`.
    mutating func add(_ text: [UInt8], _ names: TrustedNames, to request: inout Request) {
        unsafe text.withUnsafeBufferPointer { unsafe add($0, names, to: &request) }
    }

    private mutating func add(_ text: UnsafeBufferPointer<UInt8>, _ names: TrustedNames, to request: inout Request) {
        guard let start = text.baseAddress, let sign = unsafe memchr(start, 0x3d, text.count) else { return }
        let equals = unsafe UnsafeRawPointer(sign) - UnsafeRawPointer(start)
        unsafe add(
            name: text.extracting(0..<equals), value: text.extracting(equals + 1..<text.count), names, to: &request)
    }

    private mutating func add(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, _ names: TrustedNames,
        to request: inout Request
    ) {
        let prefix = 5
        if unsafe name.count > prefix && memcmp(name.baseAddress!, "HTTP_", prefix) == 0 {
            unsafe RequestReader.addHeader(name.extracting(prefix..<name.count), value, to: &request)
            return
        }
        let span = unsafe Span(_unsafeElements: name)
        guard let entry = names.entry(at: 0..<span.count, of: span) else { return }
        // The gate has refused this on a socket; in CGI mode it is seen here first.
        if seen & entry.bit != 0 { isSound = false }
        seen |= entry.bit
        let text = unsafe String(decoding: value, as: UTF8.self)
        guard let trusted = entry.name else {
            request.parameters.append((unsafe String(decoding: name, as: UTF8.self), text))
            return
        }
        set(trusted, text, of: &request)
    }

    /// HTTP_ACCEPT_LANGUAGE becomes "accept-language"; HTTP_PROXY is never read (CVE-2016-5385).
    private static func addHeader(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, to request: inout Request
    ) {
        if unsafe name.elementsEqual("PROXY".utf8) { return }
        let field = unsafe String(unsafeUninitializedCapacity: name.count) { buffer in
            for index in 0..<name.count {
                let byte = unsafe name[index]
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): unsafe buffer[index] = byte | 0x20
                case UInt8(ascii: "_"): unsafe buffer[index] = UInt8(ascii: "-")
                default: unsafe buffer[index] = byte
                }
            }
            return name.count
        }
        request.headers.append(name: field, value: unsafe String(decoding: value, as: UTF8.self))
    }

    private mutating func set(_ name: TrustedName, _ value: consuming String, of request: inout Request) {
        switch name {
        case .requestMethod: request.method = value
        case .requestScheme: scheme = value
        case .requestID: request.requestID = value
        case .requestURI: request.target = value
        case .documentURI: documentURI = value
        case .scriptName: scriptName = value
        case .pathInfo: pathInfo = value
        case .queryString: request.query = value
        case .contentType: request.contentType = value
        case .contentLength: setContentLength(value, of: &request)
        case .remoteAddress: request.remoteAddress = value
        case .https: https = value
        case .posternRole: request.role = Role(rawValue: value)
        case .posternPeer: request.peerSecret = value
        case .posternDetail: request.detail = value
        case .posternRequirement: requirement = value
        case .remoteUser: remoteUser = value
        }
    }

    private mutating func setContentLength(_ value: String, of request: inout Request) {
        let bytes = value.utf8.span
        guard let length = try? ParameterCheck.decimal(bytes, 0..<bytes.count) else {
            isSound = false
            return
        }
        request.contentLength = length
    }

    /// False when a trusted name came twice or CONTENT_LENGTH is no number.
    func finish(_ request: inout Request, isAuthorizer: Bool) -> Bool {
        guard isSound else { return false }
        request.isSecure = https == "on" || scheme == "https"
        if isAuthorizer {
            // An Authorizer is asked about a request and has no path and no body of its own (FastCGI 1.0, section 6.3):
            // it is the check, whatever POSTERN_ROLE and CONTENT_LENGTH say.
            request.isAuthorizer = true
            request.role = .check
            request.requirement = requirement
            request.remoteUser = remoteUser
            request.path = requirement.isEmpty ? Request.defaultRequirement : requirement
            request.contentLength = 0
        } else {
            request.path = documentURI.isEmpty ? scriptName + pathInfo : documentURI
        }
        return true
    }
}

/// What the gate says of the bytes that lie in a socket.
package enum Verdict: Equatable, Sendable {
    /// A part of a request; the rest must still come.
    case incomplete
    /// One whole request and nothing behind it.
    case whole
    /// A whole head whose body is never read: CONTENT_LENGTH above the limit, or an Authorizer's request without
    /// its empty STDIN record.
    case headOnly
    /// Not to be answered.
    case refused(Refusal)
}

/// Reads a request's bytes before libfcgi does, and lets only those pass that libfcgi takes without fault.
///
/// libfcgi runs a request whose parameters were cut short, parses some padding as records, answers management
/// records from a buffer of 64 bytes and aborts on lengths near 2^31. None of that is reached behind this gate.
/// It reads through `Span`, so a wrong index is a trap and never a wrong read.
package struct Gate: Sendable {
    private let limits: Limits
    private var parameters = ParameterCheck()
    /// PARAMS of several records put together; kept, so that requests do not allocate.
    private var joined: [UInt8] = []

    package init(limits: Limits) {
        self.limits = limits
    }

    /// The names that may not come twice, from the next request on.
    mutating func look(for names: TrustedNames) { parameters.trusted = names }

    /// Judges the bytes from the first one of a request on. The same bytes always get the same verdict.
    package mutating func judge(_ bytes: Span<UInt8>) -> Verdict {
        do throws(Refusal) {
            let verdict = try examine(bytes)
            // A caller peeks at most one byte more than the limit: what lies behind that, nobody has seen.
            if verdict != .headOnly && bytes.count > limits.requestLimit { throw .tooLong }
            return verdict
        } catch {
            return .refused(error)
        }
    }

    private mutating func examine(_ bytes: Span<UInt8>) throws(Refusal) -> Verdict {
        guard let begin = try readBegin(bytes) else { return .incomplete }
        guard begin.end <= bytes.count else { return .incomplete }
        let role = UInt16(bytes[begin.content.lowerBound]) << 8 | UInt16(bytes[begin.content.lowerBound + 1])
        guard let role = Role(rawValue: role) else { throw .role }

        guard let head = try readParameters(bytes, after: begin) else { return .incomplete }
        switch role {
        case .responder:
            if head.contentLength > limits.bodyLimit { return .headOnly }
            return try readBody(bytes, from: head.end, id: begin.id, length: head.contentLength)
        case .authorizer:
            if head.end == bytes.count { return .headOnly }
            return try readBody(bytes, from: head.end, id: begin.id, length: 0)
        }
    }

    /// FastCGI 1.0, section 6. Filters are not served.
    private enum Role: UInt16 {
        case responder = 1
        case authorizer = 2
    }

    private func readBegin(_ bytes: Span<UInt8>) throws(Refusal) -> Record? {
        guard let record = try Record.read(bytes, at: 0) else { return nil }
        guard record.type == Record.beginRequest else { throw .record }
        guard record.id != 0 else { throw .requestID }
        guard record.content.count == 8 else { throw .begin }
        guard record.padding == 0 else { throw .padding }
        return record
    }

    private struct Head {
        var end: Int
        var contentLength: Int
    }

    /// Walks the PARAMS records up to the empty one, then checks the pairs in them.
    private mutating func readParameters(_ bytes: Span<UInt8>, after begin: Record) throws(Refusal) -> Head? {
        var position = begin.end
        var records = 0
        var length = 0
        while true {
            guard let record = try Record.read(bytes, at: position) else { return nil }
            guard record.type == Record.params else { throw .record }
            guard record.id == begin.id else { throw .requestID }
            if record.isEmpty {
                guard record.padding == 0 else { throw .padding }
                break
            }
            length += record.content.count
            guard length <= limits.paramsLimit else { throw .parametersTooLong }
            guard record.end <= bytes.count else { return nil }
            records += 1
            position = record.end
        }
        let end = position + Record.headerLength
        guard records > 1 else {
            let start = begin.end + (records == 0 ? 0 : Record.headerLength)
            let content = bytes.extracting(start..<start + length)
            return Head(end: end, contentLength: try parameters.contentLength(of: content))
        }
        try join(bytes, from: begin.end, to: position)
        return Head(end: end, contentLength: try parameters.contentLength(of: joined.span))
    }

    /// Puts the content of the records between two positions together: pairs may cross the records' borders.
    private mutating func join(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(Refusal) {
        joined.removeAll(keepingCapacity: true)
        var position = start
        while position < end, let record = try Record.read(bytes, at: position) {
            for index in record.content { joined.append(bytes[index]) }
            position = record.end
        }
    }

    /// Walks the STDIN records up to the empty one; the bytes must end there.
    private func readBody(
        _ bytes: Span<UInt8>, from start: Int, id: UInt16, length: Int
    ) throws(Refusal) -> Verdict {
        var position = start
        var remaining = length
        while let record = try Record.read(bytes, at: position) {
            guard record.type == Record.stdin else { throw .record }
            guard record.id == id else { throw .requestID }
            if record.isEmpty {
                guard record.padding == 0 else { throw .padding }
                guard remaining == 0 else { throw .bodyLength }
                guard record.end == bytes.count else { throw .trailing }
                return .whole
            }
            remaining -= record.content.count
            guard remaining >= 0 else { throw .bodyLength }
            guard record.end <= bytes.count else { return .incomplete }
            position = record.end
        }
        return .incomplete
    }
}

/// Checks a request's name-value pairs (FastCGI 1.0, section 3.4) as the gate promises them to libfcgi.
struct ParameterCheck: Sendable {
    var trusted = TrustedNames.unregistered
    /// 1 for each byte that may not stand in a name.
    private let isWrong: [UInt8] = (0...UInt8.max).map { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            0
        default: 1
        }
    }

    /// Checks all pairs of `content` and gives CONTENT_LENGTH; absent or empty is 0.
    func contentLength(of content: Span<UInt8>) throws(Refusal) -> Int {
        var position = 0
        var seen: UInt64 = 0
        var contentLength = 0
        while position < content.count {
            let nameLength = try ParameterCheck.length(content, &position)
            let valueLength = try ParameterCheck.length(content, &position)
            guard nameLength + valueLength <= content.count - position else { throw .parametersCut }
            let name = position..<position + nameLength
            let value = name.upperBound..<name.upperBound + valueLength
            guard !content.extracting(value).holds(0) else { throw .parameterValue }
            position = value.upperBound

            guard let entry = trusted.entry(at: name, of: content) else {
                try checkName(content, name)
                continue
            }
            guard seen & entry.bit == 0 else { throw .repeatedName }
            seen |= entry.bit
            if entry.name == .contentLength { contentLength = try ParameterCheck.decimal(content, value) }
        }
        return contentLength
    }

    /// One byte below 128, or four with the highest bit set.
    private static func length(_ content: Span<UInt8>, _ position: inout Int) throws(Refusal) -> Int {
        guard position < content.count else { throw .parametersCut }
        let first = content[position]
        guard first & 0x80 != 0 else {
            position += 1
            return Int(first)
        }
        guard content.count - position >= 4 else { throw .parametersCut }
        defer { position += 4 }
        return Int(first & 0x7f) << 24 | Int(content[position + 1]) << 16
            | Int(content[position + 2]) << 8 | Int(content[position + 3])
    }

    /// Letters, digits and "_": of a name that is not one of ours, which are made of nothing else.
    private func checkName(_ content: Span<UInt8>, _ range: Range<Int>) throws(Refusal) {
        guard !range.isEmpty else { throw .parameterName }
        let name = content.extracting(range)
        let isWrong = isWrong.span
        var wrong: UInt8 = 0
        for index in name.indices { wrong |= isWrong[Int(name[index])] }
        guard wrong == 0 else { throw .parameterName }
    }

    /// Up to 18 digits and nothing else: no sign, no space, and no overflow in 64 bits.
    static func decimal(_ content: Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> Int {
        guard range.count <= 18 else { throw .contentLength }
        var number = 0
        for index in range {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = content[index] else { throw .contentLength }
            number = number * 10 + Int(content[index] - UInt8(ascii: "0"))
        }
        return number
    }
}

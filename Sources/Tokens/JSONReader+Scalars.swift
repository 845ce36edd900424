/// Strings and numbers, byte by byte. The text as a whole is known to be UTF-8.
extension JSONReader {
    /// Reads the string that starts here.
    mutating func text() throws(JSONError) -> String {
        let (range, isPlain) = try scanString()
        if isPlain { return String(decoding: bytes[range], as: UTF8.self) }
        return String(decoding: try unescaped(range), as: UTF8.self)
    }

    /// Moves behind the string that starts here; its content, and whether that has no escapes.
    mutating func scanString() throws(JSONError) -> (content: Range<Int>, isPlain: Bool) {
        let found = try string(from: at + 1)
        at = found.content.upperBound + 1
        return found
    }

    private func string(from start: Int) throws(JSONError) -> (content: Range<Int>, isPlain: Bool) {
        let text = bytes.span
        var index = start
        var isPlain = true
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "\"") { return (start..<index, isPlain) }
            guard byte >= 0x20 else { throw JSONError(code: .syntax, offset: index) }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                index += 1
            }
            index += 1
        }
        throw JSONError(code: .syntax, offset: text.count)
    }

    /// The bytes of a string's content with its escapes resolved.
    func unescaped(_ range: Range<Int>) throws(JSONError) -> [UInt8] {
        var content: [UInt8] = []
        content.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            guard bytes[index] == UInt8(ascii: "\\") else {
                content.append(bytes[index])
                index += 1
                continue
            }
            // scanString made sure that a byte follows.
            let escape = bytes[index + 1]
            if escape == UInt8(ascii: "u") {
                let (scalar, length) = try scalar(at: index, limit: range.upperBound)
                content.append(contentsOf: String(scalar).utf8)
                index += length
                continue
            }
            guard let byte = JSONReader.shortEscape(escape) else { throw JSONError(code: .syntax, offset: index) }
            content.append(byte)
            index += 2
        }
        return content
    }

    /// Moves behind the number that starts here; whether it has neither fraction nor exponent.
    mutating func scanNumber() throws(JSONError) -> Bool {
        var isInteger = true
        if byte == UInt8(ascii: "-") { at += 1 }
        if byte == UInt8(ascii: "0") {
            at += 1
        } else {
            try scanDigits()
        }
        if byte == UInt8(ascii: ".") {
            isInteger = false
            at += 1
            try scanDigits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isInteger = false
            at += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { at += 1 }
            try scanDigits()
        }
        return isInteger
    }

    private mutating func scanDigits() throws(JSONError) {
        let start = at
        while let digit = byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) { at += 1 }
        guard at > start else { throw error(.syntax) }
    }

    /// `\uXXXX`, or two of them for a scalar above U+FFFF, and their length. Half a pair is refused.
    private func scalar(at index: Int, limit: Int) throws(JSONError) -> (Unicode.Scalar, Int) {
        let fault = JSONError(code: .syntax, offset: index)
        guard let high = unit(at: index, limit: limit) else { throw fault }
        if let scalar = Unicode.Scalar(high) { return (scalar, 6) }
        guard high < 0xDC00, let low = unit(at: index + 6, limit: limit), (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw fault }
        return (scalar, 12)
    }

    private func unit(at index: Int, limit: Int) -> UInt32? {
        guard index + 6 <= limit, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var value: UInt32 = 0
        for byte in bytes[index + 2..<index + 6] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private static func shortEscape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }
}

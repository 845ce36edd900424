/// Words, braces and semicolons of an nginx configuration file, told apart as nginx does it (ngx_conf_read_token in
/// src/core/ngx_conf_file.c): quotes only at the start of a word, "#" a comment only there, escapes everywhere, "${"
/// no brace.
struct NginxLexer {
    enum Ending: Equatable { case semicolon, blockStart, blockEnd, endOfFile }

    struct Statement: Equatable {
        var words: [String] = []
        /// Of its first word.
        var line = 0
        var ending = Ending.semicolon
    }

    /// Text that nginx would not take either.
    struct Fault: Error, Equatable {
        let line: Int
        let reason: String
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next directive, up to and with its ";", "{" or the "}" that ends a block.
    mutating func next() throws(Fault) -> Statement {
        var statement = Statement()
        while let byte = peek() {
            if Self.isSpace(byte) {
                skip()
            } else if byte == UInt8(ascii: "#") {
                skipComment()
            } else if let ending = Self.endings[byte] {
                let isEmpty = statement.words.isEmpty
                guard isEmpty == (ending == .blockEnd) else { throw fault("unexpected \"\(Character(.init(byte)))\"") }
                skip()
                if isEmpty { statement.line = line }
                statement.ending = ending
                return statement
            } else {
                if statement.words.isEmpty { statement.line = line }
                statement.words.append(try word())
            }
        }
        guard statement.words.isEmpty else { throw fault("unexpected end of file") }
        statement.ending = .endOfFile
        return statement
    }

    /// Behind the "{" of a block in another language (Lua): to its "}", braces within it in pairs.
    mutating func skipForeignBlock() throws(Fault) {
        var depth = 1
        while let byte = peek() {
            skip()
            switch byte {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: "\""), UInt8(ascii: "'"): skipForeignText(until: byte)
            case UInt8(ascii: "-") where peek() == UInt8(ascii: "-"): skipComment()
            default: break
            }
            if depth == 0 { return }
        }
        throw fault("unexpected end of file")
    }

    private static let endings: [UInt8: Ending] = [
        UInt8(ascii: ";"): .semicolon, UInt8(ascii: "{"): .blockStart, UInt8(ascii: "}"): .blockEnd,
    ]

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D }

    private func fault(_ reason: String) -> Fault { Fault(line: line, reason: reason) }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip() {
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func skipComment() {
        while let byte = peek(), byte != UInt8(ascii: "\n") { skip() }
    }

    private mutating func skipForeignText(until quote: UInt8) {
        while let byte = peek(), byte != UInt8(ascii: "\n") {
            skip()
            if byte == quote { return }
            if byte == UInt8(ascii: "\\"), peek() != nil { skip() }
        }
    }

    // MARK: One word

    private mutating func word() throws(Fault) -> String {
        let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
        guard let first = peek(), quotes.contains(first) else { return bareWord() }
        skip()
        var text: [UInt8] = []
        while let byte = peek() {
            skip()
            if byte == first {
                // ")" may stand right behind: if ($a = "b").
                guard let after = peek(), Self.isSpace(after) || Self.endsQuoted.contains(after) else {
                    throw fault("no space behind a quoted word")
                }
                return String(decoding: text, as: UTF8.self)
            }
            take(byte, into: &text)
        }
        throw fault("a quote without its end")
    }

    private static let endsQuoted: [UInt8] = [UInt8(ascii: ";"), UInt8(ascii: "{"), UInt8(ascii: ")")]

    private mutating func bareWord() -> String {
        var text: [UInt8] = []
        var isBehindDollar = false
        while let byte = peek() {
            let isBrace = byte == UInt8(ascii: "{")
            if Self.isSpace(byte) || byte == UInt8(ascii: ";") || (isBrace && !isBehindDollar) { break }
            skip()
            isBehindDollar = byte == UInt8(ascii: "$") || (isBrace && isBehindDollar)
            take(byte, into: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A byte of a word; behind a backslash the next one with it. `\t`, `\r`, `\n`, `\"`, `\'`, `\\` mean one character,
    /// all else keeps its backslash.
    private mutating func take(_ byte: UInt8, into text: inout [UInt8]) {
        guard byte == UInt8(ascii: "\\"), let escaped = peek() else { return text.append(byte) }
        skip()
        switch escaped {
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): text.append(escaped)
        default: text += [byte, escaped]
        }
    }
}

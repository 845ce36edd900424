/// What `nginx -T` prints: every file that nginx read, once, behind a line "# configuration file NAME:".
struct NginxDump {
    struct Fault: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The folder of the main file; relative includes begin there.
    let folder: String
    let main: String
    private(set) var files: [String: [UInt8]] = [:]

    /// - Throws: when there is no main file in it.
    init(_ bytes: [UInt8]) throws(Fault) {
        var main: String?
        var current: (name: String, bytes: [UInt8])?
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard let name = Self.fileName(line) else {
                current?.bytes += line + [UInt8(ascii: "\n")]
                continue
            }
            if let current { files[current.name] = current.bytes }
            main = main ?? name
            current = (name, [])
        }
        guard let main, let current else { throw Fault(description: "this is not what nginx -T prints") }
        files[current.name] = current.bytes
        self.main = main
        folder = main.lastIndex(of: "/").map { String(main[..<$0]) } ?? ""
    }

    /// "/etc/nginx/nginx.conf" of "# configuration file /etc/nginx/nginx.conf:"
    private static func fileName(_ line: ArraySlice<UInt8>) -> String? {
        let head = "# configuration file /"
        guard line.last == UInt8(ascii: ":"), line.starts(with: head.utf8) else { return nil }
        return String(decoding: line.dropFirst(head.utf8.count - 1).dropLast(), as: UTF8.self)
    }

    /// The directives of the main file, with those of included files in their place.
    func directives() throws(Fault) -> [NginxDirective] {
        var reader = Reader(dump: self)
        return try reader.read(main, depth: 0)
    }

    /// The files that an include names: one, or those that fit a pattern, in the order of glob(3).
    private func included(_ text: String) -> [String] {
        let path = text.hasPrefix("/") ? text : folder + "/" + text
        if files[path] != nil { return [path] }
        return files.keys.filter { NginxGlob.matches(path, $0) }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private struct Reader {
        let dump: NginxDump
        /// Includes within includes must not grow without an end, nor blocks within blocks end the stack.
        private var left = 200_000
        private static let deepest = 100

        init(dump: NginxDump) { self.dump = dump }

        mutating func read(_ file: String, depth: Int) throws(Fault) -> [NginxDirective] {
            var lexer = NginxLexer(dump.files[file] ?? [])
            return try block(&lexer, file, depth: depth, isFile: true)
        }

        private mutating func block(
            _ lexer: inout NginxLexer, _ file: String, depth: Int, isFile: Bool
        ) throws(Fault) -> [NginxDirective] {
            var directives: [NginxDirective] = []
            while true {
                let statement = try next(&lexer, file)
                let place = NginxPlace(file: file, line: statement.line, folder: dump.folder)
                left -= 1
                guard depth < Reader.deepest, left > 0 else {
                    throw Fault(description: "\(place): too deep or too long")
                }
                switch statement.ending {
                case .endOfFile, .blockEnd:
                    guard (statement.ending == .endOfFile) == isFile else {
                        throw Fault(description: "\(place): a block without its beginning or end")
                    }
                    return directives
                case .semicolon where statement.words[0] == "include" && statement.words.count == 2:
                    for name in dump.included(statement.words[1]) {
                        directives += try read(name, depth: depth + 1)
                    }
                case .semicolon:
                    directives.append(directive(statement, nil, place))
                case .blockStart where statement.words[0].hasSuffix("_by_lua_block"):
                    try skip(&lexer, file)
                    directives.append(directive(statement, [], place))
                case .blockStart:
                    let inner = try block(&lexer, file, depth: depth + 1, isFile: false)
                    directives.append(directive(statement, inner, place))
                }
            }
        }

        private func directive(
            _ statement: NginxLexer.Statement, _ block: [NginxDirective]?, _ place: NginxPlace
        ) -> NginxDirective {
            let arguments = Array(statement.words.dropFirst())
            return NginxDirective(name: statement.words[0], arguments: arguments, block: block, place: place)
        }

        private func next(_ lexer: inout NginxLexer, _ file: String) throws(Fault) -> NginxLexer.Statement {
            do throws(NginxLexer.Fault) { return try lexer.next() } catch { throw fault(error, file) }
        }

        private func skip(_ lexer: inout NginxLexer, _ file: String) throws(Fault) {
            do throws(NginxLexer.Fault) { try lexer.skipForeignBlock() } catch { throw fault(error, file) }
        }

        private func fault(_ fault: NginxLexer.Fault, _ file: String) -> Fault {
            let place = NginxPlace(file: file, line: fault.line, folder: dump.folder)
            return Fault(description: "\(place): \(fault.reason)")
        }
    }
}

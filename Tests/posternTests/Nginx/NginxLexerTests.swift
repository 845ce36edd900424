import Testing

@testable import postern

@Suite("Reading nginx's files")
struct NginxLexerTests {
    private func statements(_ text: String) throws -> [NginxLexer.Statement] {
        var lexer = NginxLexer(Array(text.utf8))
        var all: [NginxLexer.Statement] = []
        while true {
            let statement = try lexer.next()
            if statement.ending == .endOfFile { return all }
            all.append(statement)
        }
    }

    private func words(_ text: String) throws -> [[String]] { try statements(text).map(\.words) }

    @Test("Words, blocks and lines")
    func plain() throws {
        let found = try statements("a b\n  c;\nd {\n\n e; }")
        #expect(
            found == [
                .init(words: ["a", "b", "c"], line: 1, ending: .semicolon),
                .init(words: ["d"], line: 3, ending: .blockStart),
                .init(words: ["e"], line: 5, ending: .semicolon), .init(words: [], line: 5, ending: .blockEnd),
            ])
    }

    @Test("Quotes hold spaces, semicolons, braces and the other quote")
    func quotes() throws {
        #expect(try words(#"a "b c;{}#' d" 'e "f"';"#) == [["a", "b c;{}#' d", "e \"f\""]])
        #expect(try words(#"if ($a = "b") { }"#) == [["if", "($a", "=", "b", ")"], []])
    }

    @Test("A quote or a number sign within a word is part of it")
    func within() throws {
        #expect(try words(##"a b"c#d e'f;"##) == [["a", "b\"c#d", "e'f"]])
    }

    @Test("Comments reach to the end of the line, and may hold anything")
    func comments() throws {
        #expect(try words("# a; { \"\nb; # c }\nd;# last") == [["b"], ["d"]])
    }

    @Test("Six escapes mean one character, all others stay as they are")
    func escapes() throws {
        #expect(
            try words(#"a \t\n\r \" \' "\"" \. \$ b\;c \\.php$;"#)
                == [["a", "\t\n\r", "\"", "'", "\"", "\\.", "\\$", "b\\;c", "\\.php$"]])
    }

    @Test("${name} is no block")
    func variables() throws {
        #expect(try words("a ${b}c/${d}; $e{f;}") == [["a", "${b}c/${d}"], ["$e"], ["f"], []])
        #expect(try words("a $b {") == [["a", "$b"]])
    }

    @Test(
        "What nginx does not take is a fault with its line",
        arguments: [
            ("\n;", 2), ("a\n}", 2), ("{", 1), ("a", 1), ("a \"b\n\n", 3), ("\n\na \"b\"c;", 3), ("a '", 1),
        ])
    func faults(text: String, line: Int) {
        let fault = #expect(throws: NginxLexer.Fault.self) { try statements(text) }
        #expect(fault?.line == line)
    }
}

@Suite("What nginx -T prints")
struct NginxDumpTests {
    private func dump(_ text: String) throws -> NginxDump { try NginxDump(Array(text.utf8)) }

    private static let text = """
        # configuration file /etc/nginx/nginx.conf:
        events {}
        http {
            include /etc/nginx/conf.d/*.conf;
            include snippets/a.conf; include none[.]conf;
        }

        # configuration file /etc/nginx/conf.d/b.conf:
        server { server_name b;
        include snippets/a.conf; }

        # configuration file /etc/nginx/snippets/a.conf:
        # configuration file of mine
        root /a;

        # configuration file /etc/nginx/conf.d/a.conf:
        server { server_name a; }

        """

    @Test("Included files stand in the place of their include, and every directive knows where it is")
    func includes() throws {
        let dump = try dump(Self.text)
        #expect(dump.main == "/etc/nginx/nginx.conf")
        let directives = try dump.directives()
        #expect(directives.map(\.name) == ["events", "http"])
        let http = try #require(directives[1].block)
        #expect(http.map(\.name) == ["server", "server", "root"])
        #expect(http.map { "\($0.place)" } == ["conf.d/a.conf:1", "conf.d/b.conf:1", "snippets/a.conf:2"])
        #expect(http[1].block?.map { "\($0.place)" } == ["conf.d/b.conf:1", "snippets/a.conf:2"])
        #expect(http[1].block?.last?.text == "root /a")
    }

    @Test("Files that include each other, and blocks without end, are a fault and no crash")
    func endless() {
        let head = "# configuration file /n/a:\n"
        for text in [
            head + "include a;", head + "include b; include b;\n# configuration file /n/b:\ninclude a; include a;",
            head + String(repeating: "a {", count: 100_000), head + "a {", head + "}", "events {}", "",
        ] {
            #expect(throws: NginxDump.Fault.self) { try dump(text).directives() }
        }
    }

    @Test("Lua between braces is passed over")
    func lua() throws {
        let text = "# configuration file /n/a:\ncontent_by_lua_block { if x then y = { 'a}' } -- }\n end } root /b;"
        let directives = try dump(text).directives()
        #expect(directives.map(\.name) == ["content_by_lua_block", "root"])
        #expect(directives[1].place.line == 2)
    }

    @Test(
        "Patterns of includes are those of glob(7)",
        arguments: [
            ("/a/*.conf", "/a/b.conf", true), ("/a/*.conf", "/a/b/c.conf", false), ("/a/*.conf", "/a/.b.conf", false),
            ("/a/?.conf", "/a/b.conf", true), ("/a/[a-c].conf", "/a/b.conf", true),
            ("/a/[!a-c].conf", "/a/b.conf", false),
            ("/a/peer[.]conf", "/a/peer.conf", true), ("/a/peer[.]conf", "/a/peerxconf", false), ("/*/b", "/a/b", true),
            ("/a/*b*c", "/a/xbxbxc", true), ("/a/*b*c", "/a/xbxbx", false), ("/a/*", "/a/", true),
            ("/a", "/a/b", false),
            ("/a/\\*", "/a/*", true), ("/a/[", "/a/[", true),
        ])
    func globs(pattern: String, path: String, isMatch: Bool) {
        #expect(NginxGlob.matches(pattern, path) == isMatch)
    }

    @Test("Noise never crashes the reader")
    func noise() {
        var random = SystemRandomNumberGenerator()
        let pieces = [
            "{", "}", ";", "\"", "'", "\\", "#", "$", "${", "\n", " ", "server", "location", "~", "^~", "=", "(", ")",
            "[",
            "]", "*", "+", "?", "|", "include *;", "a", "/x/", "http {", "# configuration file /n/b:\n", "\u{0}", "é",
            "{2,",
            "(?i)", "(?:", "[^", "[:alpha:]", "listen 80;", "auth_request /postern/auth;", "if ($a) {",
            "error_page 401",
        ]
        var read = 0
        for _ in 0..<3000 {
            var text = "# configuration file /n/a:\nhttp { server { location ~ "
            for _ in 0..<Int.random(in: 0..<60, using: &random) { text += pieces.randomElement(using: &random)! }
            let bytes = Array(text.utf8) + (Bool.random() ? [UInt8.random(in: 0...255)] : [])
            guard let dump = try? NginxDump(bytes), let configuration = try? NginxConfiguration(dump) else { continue }
            read += 1
            for server in configuration.servers { _ = NginxMatch.find("/x/a.php", in: server.level) }
            for name in text.split(separator: " ") {
                let pattern = NginxPattern(String(name), ignoresCase: Bool.random())
                for sample in pattern?.samples ?? [] { _ = pattern?.matches(sample) }
            }
        }
        // Some of it is well formed by chance, or nothing behind the lexer was tried.
        #expect(read < 3000)
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<Int.random(in: 0..<20, using: &random) { text += pieces.randomElement(using: &random)! }
            let pattern = NginxPattern(text, ignoresCase: true)
            for sample in pattern?.samples ?? [] { _ = pattern?.matches(sample) }
        }
    }
}

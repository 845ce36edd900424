import Testing

@testable import postern

@Suite("Text for people")
struct TextTableTests {
    @Test("Columns are as wide as their widest cell, and no line ends in spaces")
    func columns() {
        var table = TextTable(["ID", "NAME"])
        table.add(["1", "Anna Maria"])
        table.add(["1234", ""])
        #expect(table.text == "ID    NAME\n1     Anna Maria\n1234\n")
    }

    @Test("A stored name cannot steer the terminal")
    func controls() {
        var table = TextTable()
        table.add(["\u{1b}[2Jgone", "a\nb", "\u{202e}txt", "\u{9b}31m"])
        #expect(table.text == "\\u{1b}[2Jgone  a\\u{a}b  \\u{202e}txt  \\u{9b}31m\n")
    }

    @Test("JSON goes on one line and stays the same JSON")
    func lineOfJSON() {
        #expect(TerminalText.line(json: "{\"a\":1,\r\n \"b\":\"\u{202e}\u{9b}\"}") == #"{"a":1,   "b":"\u202e\u009b"}"#)
    }
}

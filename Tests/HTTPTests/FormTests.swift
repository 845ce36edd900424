import HTTP
import Testing

@Suite struct FormTests {
    private func form(_ text: String) throws -> Form { try Form(text.utf8) }

    @Test("Names and values are decoded")
    func decoded() throws {
        let form = try form("email=anna%40example.com&password=a+b%2Bc")
        #expect(form["email"] == "anna@example.com")
        #expect(form["password"] == "a b+c")
        #expect(form["other"] == nil)
    }

    @Test("An empty value and a name without a value are both empty")
    func empty() throws {
        let form = try form("a=&b&c=1")
        #expect(form["a"] == "")
        #expect(form["b"] == "")
    }

    @Test("An equals sign in a value belongs to it")
    func equalsSign() throws {
        #expect(try form("a=b=c")["a"] == "b=c")
    }

    @Test("A name that comes twice is refused, escaped or not", arguments: ["a=1&a=2", "a=1&%61=2"])
    func repeated(text: String) {
        #expect(throws: Form.Fault.repeated(name: "a")) { try form(text) }
    }

    @Test("A broken escape is refused", arguments: ["a=%", "a=%4", "a=%zz", "%=1"])
    func brokenEscape(text: String) {
        #expect(throws: Form.Fault.badEscape) { try form(text) }
    }

    @Test("A value that is not UTF-8 is refused and named")
    func notUTF8() {
        #expect(throws: Form.Fault.notUTF8(name: "q")) { try form("q=%ff") }
    }
}

import HTTP
import Testing

@Suite struct RequestTests {
    @Test("A repeated header is counted, and its first value is read")
    func repeatedHeader() {
        var headers = RequestHeaders()
        headers.append(name: "authorization", value: "Bearer a")
        headers.append(name: "accept", value: "*/*")
        headers.append(name: "authorization", value: "Bearer b")
        #expect(headers["authorization"] == "Bearer a")
        #expect(headers.count(of: "authorization") == 2)
        #expect(headers["cookie"] == nil)
    }

    @Test(
        "A media type is known without its parameters and in any case",
        arguments: [
            "application/json", "Application/JSON", "application/json; charset=utf-8", " application/json ;x=1",
        ])
    func mediaType(field: String) {
        #expect(MediaType(field) == .json)
    }

    @Test(
        "JSON texts are escaped", arguments: [("a\"b", #""a\"b""#), ("\\", #""\\""#), ("\u{1}\n", #""\u0001\u000a""#)])
    func jsonText(text: String, quoted: String) {
        #expect(JSONObject.quote(text) == quoted)
    }
}

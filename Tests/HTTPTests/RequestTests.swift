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

    @Test("Of ASCII, control characters, quotes and backslashes are escaped in JSON, wherever they stand")
    func jsonBytes() {
        for byte in UInt8.min..<0x80 {
            let character = String(Unicode.Scalar(byte))
            let digits = String(byte, radix: 16)
            let escaped =
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + character
                case 0..<0x20, 0x7f: "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                default: character
                }
            for place in 0...9 {
                let (start, end) = (String(repeating: "a", count: place), String(repeating: "z", count: 9 - place))
                #expect(JSONObject.quote(start + character + end) == "\"" + start + escaped + end + "\"")
            }
        }
    }
}

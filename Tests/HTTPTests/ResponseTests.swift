import HTTP
import Testing

@Suite struct ResponseTests {
    @Test("A response is written as a CGI head and a body")
    func serialized() {
        var response = Response(.unauthorized, json: JSONObject())
        response.add(.retryAfter, HeaderValue(3))
        let text = String(decoding: response.serialized(), as: UTF8.self)
        #expect(text == "Status: 401 Unauthorized\r\nContent-Type: application/json\r\nRetry-After: 3\r\n\r\n{}")
    }

    @Test(
        "A value that would break a header is no header value", arguments: ["a\r\nSet-Cookie: x", "a\0", "é", "\u{7f}"])
    func unsafeValue(text: String) {
        #expect(HeaderValue(text) == nil)
    }

    @Test("Visible ASCII, space and tab may stand in a header value at any place, and no other byte")
    func everyByte() {
        for length in 1...17 {
            for place in 0..<length {
                for byte in UInt8.min..<0x80 {
                    var bytes = [UInt8](repeating: UInt8(ascii: "v"), count: length)
                    bytes[place] = byte
                    let text = String(decoding: bytes, as: UTF8.self)
                    let isGood = byte == 0x09 || byte >= 0x20 && byte < 0x7f
                    #expect((HeaderValue(text)?.text == text) == isGood, "\(byte) at \(place) of \(length)")
                }
            }
        }
    }

    @Test("Headers are read back as they were added, whatever their values begin and end with")
    func readBack() {
        let values: [HeaderValue] = [
            HeaderValue(""), HeaderValue(" "), HeaderValue("\t"), HeaderValue("a: b"), HeaderValue(quoting: "api"),
        ]
        let words = HeaderValue(words: "\u{301}Zoë: \u{1f600}")
        var response = Response(.ok)
        for value in values + [words] { response.add(.remoteName, value) }
        #expect(response.headers.map(\.value) == values + [words])
        #expect(Set(response.headers.map(\.name.text)) == ["Remote-Name"])
    }

    @Test("A quoted text keeps its quotes inside and drops what may not stand there")
    func quoted() {
        #expect(HeaderValue(quoting: "a\"b\\c\r\nd").text == "\"a\\\"b\\\\cd\"")
    }

    @Test("Fields written out beforehand stand in the head like others, and are found like others")
    func prepared() {
        let lines = FieldLines([
            (name: .remoteUser, value: HeaderValue("1")), (name: .vary, value: HeaderValue("Accept")),
        ])
        var response = Response(.noContent, lines: lines)
        response.add(.requestID, HeaderValue("2"))
        let text = String(decoding: response.serialized(), as: UTF8.self)
        #expect(text == "Status: 204 No Content\r\nRemote-User: 1\r\nVary: Accept\r\nX-Request-Id: 2\r\n\r\n")
        #expect(response.header(.vary) == "Accept" && response.header(.requestID) == "2")
    }

    @Test("Headers are found by name")
    func lookUp() {
        var response = Response(.ok)
        response.add(.requestID, HeaderValue("1"))
        #expect(response.header(.requestID) == "1")
        #expect(response.header(.vary) == nil)
    }
}

@Suite struct ProblemTests {
    @Test("Problem details carry code, message and trace")
    func members() {
        let problem = Problem(.badRequest, "invalid_field", "The \"e-mail\" is missing.", field: "email")
        let response = problem.response(trace: "abc")
        #expect(response.header(.contentType) == "application/problem+json")
        #expect(
            String(decoding: response.body, as: UTF8.self)
                == #"{"type":"about:blank","title":"Bad Request","status":400,"code":"invalid_field","#
                + #""message":"The \"e-mail\" is missing.","field":"email","trace":"abc"}"#)
    }

    @Test("The reason for the journal never reaches the client")
    func reason() {
        let response = Problem(.unauthorized, "x", "y", reason: "wrong_password").response(trace: "t")
        #expect(!String(decoding: response.serialized(), as: UTF8.self).contains("wrong_password"))
    }

    @Test("Another protocol's body takes the place of ours")
    func foreignBody() {
        var problem = Problem(.badRequest, "invalid_grant", "no")
        var body = JSONObject()
        body.add("error", "invalid_grant")
        problem.foreignBody = body
        let response = problem.response(trace: "t")
        #expect(response.header(.contentType) == "application/json")
        #expect(String(decoding: response.body, as: UTF8.self) == #"{"error":"invalid_grant"}"#)
    }
}

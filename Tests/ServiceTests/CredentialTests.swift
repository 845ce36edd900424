import Cryptography
import HTTP
import Testing

@testable import Service

@Suite struct BearerCredentialTests {
    private func credential(_ fields: String...) -> BearerCredential {
        BearerCredential(RequestHeaders(fields.map { ("authorization", $0) }))
    }

    @Test(
        "The scheme is taken in any case, with one or more spaces",
        arguments: ["Bearer a.b.c", "bearer a.b.c", "bEARER   a.b.c"])
    func scheme(field: String) {
        #expect(credential(field) == .token("a.b.c"))
    }

    @Test("No header and another scheme are no credential", arguments: ["Basic YTpi", "Bearerx y", "", "Digest a=b"])
    func absent(field: String) {
        #expect(credential(field) == .absent)
        #expect(credential() == .absent)
    }

    @Test("An empty token and a tab are malformed", arguments: ["Bearer", "Bearer ", "Bearer\ta", "Bearer\t"])
    func malformed(field: String) {
        #expect(credential(field) == .malformed)
    }

    @Test(
        "What follows the scheme is the token, whatever it holds: the verifier refuses it",
        arguments: ["a b", "a\t", "é", "a,b"])
    func anyToken(token: String) {
        #expect(credential("Bearer " + token) == .token(token))
    }

    @Test("Two headers are refused, the same or not")
    func repeated() {
        #expect(credential("Bearer a", "Bearer a") == .repeated)
        #expect(credential("Basic a", "Bearer a") == .repeated)
    }
}

@Suite struct LoginFormTests {
    private func form(_ body: String, type: String = "application/json") throws -> LoginForm {
        let bytes = Array(body.utf8)
        return try LoginForm(
            Request(method: "POST", contentType: type, contentLength: bytes.count, body: bytes), limit: 1024)
    }

    private func problem(_ body: String, type: String = "application/json") -> Problem? {
        #expect(throws: Problem.self) { try form(body, type: type) }
    }

    private func isSecret(_ form: LoginForm, _ text: String) -> Bool { form.password == SecretBytes(Array(text.utf8)) }

    @Test("JSON and form say the same, and the e-mail is brought into its normal form")
    func both() throws {
        let json = try form(#"{"email":"Anna@Example.COM","password":"p w","other":[1]}"#)
        let fields = try form(
            "email=Anna%40Example.COM&password=p+w", type: "application/x-www-form-urlencoded; charset=utf-8")
        for form in [json, fields] {
            #expect(form.email.text == "anna@example.com")
            #expect(isSecret(form, "p w"))
        }
    }

    @Test("A password is taken as it is, spaces and all")
    func spaces() throws {
        #expect(isSecret(try form(#"{"email":"a@b.de","password":" pw "}"#), " pw "))
    }

    @Test(
        "A missing or wrong field is named",
        arguments: [
            (#"{"password":"x"}"#, "email"), (#"{"email":"a@b.de"}"#, "password"),
            (#"{"email":1,"password":"x"}"#, "email"),
            (#"{"email":"a@b.de","password":null}"#, "password"), (#"{"email":"","password":"x"}"#, "email"),
            (#"{"email":"a@b.de","password":""}"#, "password"), (#"{"email":"a\u0000@b.de","password":"x"}"#, "email"),
            (#"{"email":" a@b.de","password":"x"}"#, "email"),
        ])
    func fields(body: String, field: String) {
        let problem = problem(body)
        #expect(problem?.status == .badRequest)
        #expect(problem?.field == field)
    }

    @Test(
        "What is not one JSON object is refused",
        arguments: [
            "", "{", "[]", "null", #"{"email":"a@b.de","email":"c@d.de","password":"x"}"#,
            #"{"email":"a@b.de","password":"x"} x"#,
        ])
    func notJSON(body: String) {
        #expect(problem(body)?.status == .badRequest)
    }

    @Test("Another type is 415, a body over the limit 413")
    func otherStatus() {
        #expect(problem("a", type: "text/plain")?.status == .unsupportedMediaType)
        #expect(problem("", type: "")?.status == .unsupportedMediaType)
        #expect(problem(String(repeating: " ", count: 2000))?.status == .contentTooLarge)
    }
}

@Suite struct TraceIDTests {
    @Test("nginx's request id is kept")
    func kept() {
        #expect(TraceID.accept("5f0c2a1b5f0c2a1b5f0c2a1b5f0c2a1b") != nil)
    }

    @Test(
        "An id that could break a line or a header is replaced",
        arguments: ["", "short", "a b c d e f g h", "12345678\r\n", "é2345678901"])
    func replaced(text: String) {
        #expect(TraceID.accept(text) == nil)
        #expect(RequestContext(Request(requestID: text), at: .init(boot: 0, wall: 0)).trace.utf8.count == 32)
    }
}

import Cryptography
import Foundation
import Testing

@testable import Service

extension BasicCredential {
    /// The field of an e-mail and a password, as a client writes it.
    static func field(_ email: String, _ password: String) -> String { field(Array("\(email):\(password)".utf8)) }

    static func field(_ pair: [UInt8]) -> String { "Basic " + Data(pair).base64EncodedString() }
}

@Suite("Authorization: Basic")
struct BasicCredentialTests {
    private func form(_ field: String?) -> LoginForm? {
        if case .password(let form) = BasicCredential(field) { form } else { nil }
    }

    private func isMalformed(_ field: String) -> Bool {
        if case .malformed = BasicCredential(field) { true } else { false }
    }

    private func isAbsent(_ field: String?) -> Bool {
        if case .absent = BasicCredential(field) { true } else { false }
    }

    @Test("The example of RFC 7617, section 2, is read, apart from its user who has no e-mail")
    func example() {
        #expect(isMalformed("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))
        #expect(BasicCredential.field("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    }

    @Test("The first colon ends the e-mail; the password is taken as it is, colons, spaces and all")
    func pair() throws {
        for password in ["p:w", ":", " p w ", "pässword 🔑", "p"] {
            let read = try #require(form(BasicCredential.field("Anna@Example.org", password)))
            #expect(read.email.text == "anna@example.org")
            #expect(read.password == SecretBytes(Array(password.utf8)))
        }
    }

    @Test("The scheme is taken in any case and with more than one space; another one is no password")
    func scheme() {
        let encoded = BasicCredential.field("a@b.de", "x").dropFirst(6)
        for scheme in ["Basic ", "basic ", "BASIC   "] { #expect(form(scheme + encoded) != nil) }
        for field in ["Bearer \(encoded)", "Basicx \(encoded)", "Digest a=b", ""] { #expect(isAbsent(field)) }
        #expect(isAbsent(nil))
    }

    @Test(
        "What is not strict base64 with its padding is malformed",
        arguments: [
            "Basic", "Basic ", "Basic\tYUBiLmRlOng=", "Basic YUBiLmRlOng", "Basic YUBiLmRlOng==", "Basic YUBiLmRlOng= ",
            "Basic YUBiLmRlOnh=", "Basic YUBi LmRlOng=", "Basic ====", "Basic =", "Basic YUBiLmRlOj8_", "Basic é",
            "Basic YUBiLmRlOng=, Basic YUBiLmRlOng=",
        ])
    func base64(field: String) {
        #expect(isMalformed(field))
    }

    @Test("Its alphabet is that of RFC 4648, section 4, with + and /")
    func alphabet() throws {
        let password: [UInt8] = Array("x?>~".utf8)
        let field = BasicCredential.field(Array("a@b.de:".utf8) + password)
        #expect(field.contains("/") || field.contains("+"))
        #expect(try #require(form(field)).password == SecretBytes(password))
    }

    @Test(
        "A pair without a colon, an e-mail or a password, with a control character or in another encoding is malformed",
        arguments: [
            "", ":", "a@b.de", "a@b.de:", ":x", "a:x", "a@b.de\0:x", "a@b.de:x\0y", "a@b.de:x\u{7f}", "a@b.de:x\ty",
            "a@b.de:x\r\n", " a@b.de:x", "a@b@c:x",
        ].map { Array($0.utf8) } + [
            [0x61, 0x40, 0x62, 0x3a, 0xff], [0x61, 0x40, 0x62, 0x3a, 0xc3], [0xe9, 0x40, 0x62, 0x3a, 0x78],
            [0x61, 0x40, 0x62, 0x3a, 0xc0, 0x80],
        ])
    func pairs(pair: [UInt8]) {
        #expect(isMalformed(BasicCredential.field(pair)))
    }

    @Test("A long password is one: what it is compared with decides")
    func long() throws {
        let password = String(repeating: "p", count: 4096 - "a@b.de:".utf8.count)
        #expect(try #require(form(BasicCredential.field("a@b.de", password))).password.count == password.utf8.count)
    }
}

import Accounts
import Testing

@Suite("An e-mail address")
struct EmailAddressTests {
    @Test("has ASCII letters lowered and nothing else folded")
    func lowered() throws {
        #expect(try EmailAddress("Anna.O'Hara+x@Example.COM").text == "anna.o'hara+x@example.com")
        #expect(try EmailAddress("ÉVA@example.com").text == "Éva@example.com")
        #expect(try EmailAddress("STRAßE@example.com").text == "straße@example.com")
        #expect(try EmailAddress("İ@example.com").text == "İ@example.com")
    }

    @Test("stands in normalization form C")
    func normalized() throws {
        let decomposed = try EmailAddress("e\u{301}va@example.com")
        #expect(Array(decomposed.text.utf8) == Array("\u{e9}va@example.com".utf8))
        // Kelvin sign (a K, then lowered), Angstrom sign, and Hangul from its parts.
        #expect(Array(try EmailAddress("\u{212a}\u{212b}@x").text.utf8) == Array("k\u{c5}@x".utf8))
        #expect(Array(try EmailAddress("\u{1112}\u{1161}\u{11ab}@x").text.utf8) == Array("\u{d55c}@x".utf8))
        // Marks in canonical order, and compatibility characters left alone.
        #expect(Array(try EmailAddress("q\u{307}\u{323}@x").text.utf8) == Array("q\u{323}\u{307}@x".utf8))
        #expect(Array(try EmailAddress("\u{fb01}@x").text.utf8) == Array("\u{fb01}@x".utf8))
    }

    @Test("is in its form once and for all")
    func idempotent() throws {
        for text in ["\u{212a}@x", "A\u{30a}@X", "é@é", "\u{1f600}@x"] {
            let once = try EmailAddress(text)
            #expect(Array(try EmailAddress(once.text).text.utf8) == Array(once.text.utf8))
        }
    }

    @Test("differs by an accent, a letter's case beyond ASCII and every byte")
    func different() throws {
        #expect(try EmailAddress("eva@x") != EmailAddress("éva@x"))
        #expect(try EmailAddress("É@x") != EmailAddress("é@x"))
        #expect(try EmailAddress("a.b@x") != EmailAddress("ab@x"))
        #expect(try EmailAddress("A@x") == EmailAddress("a@X"))
    }

    @Test(
        "is refused with white space, control characters, or not one @ in the middle",
        arguments: [
            "", "@", "a", "a@", "@b", "a@b@c", " a@b", "a@b ", "a@b\n", "\ta@b", "a b@c", "a\u{a0}@b", "a\0@b", "a@b\0",
            "a\r\n@b", "a\u{1b}[31m@b", "a\u{7f}@b", "a\u{85}@b", "a\u{2028}@b", "\u{202e}a@b", "a\u{2066}@b",
            "a\u{3000}@b",
        ])
    func refused(text: String) {
        let error = #expect(throws: AccountsError.self) { try EmailAddress(text) }
        guard case .invalid("email", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("has at most 254 bytes, counted in the stored form")
    func length() throws {
        let room = EmailAddress.maximumLength - 2
        #expect(try EmailAddress(String(repeating: "a", count: room) + "@x").text.utf8.count == 254)
        #expect(throws: AccountsError.self) { try EmailAddress(String(repeating: "a", count: room + 1) + "@x") }
        // Three bytes as typed, two in the stored form.
        #expect(try EmailAddress(String(repeating: "e\u{301}", count: 126) + "@x").text.utf8.count == 254)
        #expect(throws: AccountsError.self) { try EmailAddress(String(repeating: "é", count: 127) + "@x") }
        #expect(throws: AccountsError.self) { try EmailAddress(String(repeating: "e\u{301}", count: 100_000) + "@x") }
    }
}

import Testing
import Tokens

@Suite("Base64url")
struct Base64URLTests {
    private func decode(_ text: String) -> [UInt8]? { Base64URL.decode(text) }

    @Test("gives the test vectors of RFC 4648 without padding")
    func vectors() {
        let pairs = [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ]
        for (plain, text) in pairs {
            #expect(Base64URL.string(Array(plain.utf8)) == text)
            #expect(decode(text) == Array(plain.utf8))
        }
        // RFC 7515 appendix C.
        #expect(Base64URL.string([3, 236, 255, 224, 193]) == "A-z_4ME")
    }

    @Test("comes back whole for every length")
    func roundTrip() {
        for length in 0..<300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 73 + length) }
            #expect(decode(Base64URL.string(bytes)) == bytes)
        }
    }

    @Test("of one byte string has one text: of all 64 last characters only those without stray bits decode")
    func strayBits() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        #expect(alphabet.filter { decode("A\($0)") != nil } == "AQgw")
        #expect(alphabet.filter { decode("AA\($0)") != nil } == "AEIMQUYcgkosw048")
        #expect(alphabet.filter { decode("AAA\($0)") != nil } == alphabet)
    }

    @Test(
        "with padding, white space, the other alphabet or an impossible length is refused",
        arguments: [
            "Zg==", "Zm8=", "Zm9v\n", " Zm9v", "Zm 9v", "+A", "/w", "Zm9+", "Zm9/", "A", "AAAAA", "Zm9v.", "Zm9é",
            "Z\u{0}9v",
            "====",
        ])
    func refused(text: String) {
        #expect(decode(text) == nil)
    }

    @Test("refuses each of the 192 bytes outside the alphabet, at each place of a group")
    func alphabet() {
        let inside = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for byte in UInt8.min...UInt8.max {
            for place in 0..<8 {
                var text = [UInt8](repeating: UInt8(ascii: "A"), count: 8)
                text[place] = byte
                let decoded = Base64URL.decode(text.span)
                #expect((decoded != nil) == inside.contains(byte))
            }
        }
    }
}

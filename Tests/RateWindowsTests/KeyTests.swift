import RateWindows
import Testing

@Suite("Keys")
struct KeyTests {
    @Test(
        "An address is read, folded and shown",
        arguments: [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("::FFFF:cb00:7107", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("2001:db8::1", "2001:db8::/64"),
            ("::1", "::/64"),
            ("::", "::/64"),
            ("64:ff9b::203.0.113.7", "64:ff9b::/64"),
            ("1:0:0:2::1", "1:0:0:2::/64"),
        ])
    func addresses(_ text: String, _ shown: String) {
        #expect(Key(address: text)?.text == shown)
    }

    @Test(
        "What is no address is no key",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "a.b.c.d", ":", ":::", "1::2::3", "1:2:3",
            "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::", "fe80::1%eth0", "::1/64", "1.2.3.4::", "unix:",
            "::1.2.3.4.5", "1:2:3:4:5:6:7:1.2.3.4", "+1.2.3.4",
        ])
    func refused(_ text: String) {
        #expect(Key(address: text) == nil)
    }

    @Test("Two addresses of one /64 are one key, of two they are two")
    func prefix() {
        #expect(Key(address: "2001:db8:1:2::1") == Key(address: "2001:db8:1:2:ffff::9"))
        #expect(Key(address: "2001:db8:1:2::1") != Key(address: "2001:db8:1:3::1"))
        #expect(Key(network: "2001:db8:1:2::1") == Key(network: "2001:db8:1:3::1"))
        #expect(Key(network: "2001:db8:1:2::1")?.text == "2001:db8:1::/48")
        #expect(Key(network: "203.0.113.7") == nil)
        #expect(Key(network: "2001:db8:1::") != Key(address: "2001:db8:1::"))
    }

    @Test("A user is shown as a UUID")
    func users() {
        let key = Key.user(high: 0x7c9e_6679_7425_40de, low: 0x944b_e07f_c1f9_0ae7)
        #expect(key.text == "7c9e6679-7425-40de-944b-e07fc1f90ae7")
    }

    @Test("An e-mail is a fingerprint that another table makes differently")
    func emails() throws {
        let (one, other) = (try Scratch(), try Scratch())
        let (first, second) = (try one.table(), try other.table())
        let anna = "anna@example.com".utf8
        #expect(first.email(anna) == first.email(anna))
        #expect(first.email(anna) != first.email("anna@example.org".utf8))
        #expect(first.email(anna) != second.email(anna))
        #expect(first.email(anna) != first.parameter(anna))
        #expect(first.email(anna)?.text.count == 32)
    }

    @Test("A pair is of two keys in their order, and nobody's single key")
    func pairs() throws {
        let scratch = try Scratch()
        let table = try scratch.table(capacity: 64)
        let (anna, ben) = (Key.user(high: 1, low: 2), Key.user(high: 1, low: 3))
        let (home, office) = (try #require(Key(address: "203.0.113.7")), try #require(Key(address: "203.0.113.8")))
        let keys = [
            table.pair(anna, home), table.pair(anna, office), table.pair(ben, home), table.pair(home, anna),
            table.pair(anna, anna), table.pair(.user(high: 2, low: 1), home),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(keys.allSatisfy { $0?.kind == .pair && $0?.text.count == 32 })
        #expect(table.pair(anna, home) == table.pair(anna, home))
    }

    @Test("A guess is of e-mail, password and stored hash, and holds 20 bits of the password")
    func guesses() throws {
        let scratch = try Scratch()
        let table = try scratch.table(capacity: 64)
        func guess(_ email: String, _ password: String, _ hash: String) -> Key? {
            table.guess(email: email.utf8, password: password.utf8, storedHash: hash.utf8)
        }
        let keys = [
            guess("a@b", "secret", "hash"), guess("a@b", "secret2", "hash"), guess("a@c", "secret", "hash"),
            guess("a@b", "secret", "hash2"), guess("a@bs", "ecret", "hash"), guess("a@bhash", "secret", ""),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(guess("a@b", "secret", "hash") == keys[0])
        let passwords = (0..<200).compactMap { guess("a@b", "secret\($0)", "hash") }
        #expect(Set(passwords.map(\.high)).count == 1)
        #expect(Set(passwords.map { $0.low >> 20 }).count == 1)
        #expect(Set(passwords.map { $0.low & 0xfffff }).count > 190)
        // A sequence that can be read only once will do.
        let once = AnySequence(AnyIterator(Array("secret".utf8).makeIterator()))
        #expect(table.guess(email: "a@b".utf8, password: once, storedHash: "hash".utf8) == keys[0])
    }
}

import System
import Testing

@testable import Service

@Suite struct NetworkTests {
    @Test(
        "An address lies in its network",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1"), ("127.0.0.1", "127.0.0.1"), ("::1", "::1"),
            ("2001:db8::/32", "2001:db8:1::9"),
            ("0.0.0.0/0", "203.0.113.9"), ("10.0.0.0/8", "::ffff:10.1.2.3"), ("::/0", "2001:db8::1"),
        ])
    func inside(network: String, address: String) throws {
        #expect(try #require(Network(network)).contains(address))
    }

    @Test(
        "Another address does not, nor does a text that is none",
        arguments: [
            ("10.0.0.0/8", "11.0.0.1"), ("127.0.0.1", "127.0.0.2"), ("::1", "::2"), ("2001:db8::/32", "2001:db9::1"),
            ("0.0.0.0/0", "2001:db8::1"), ("0.0.0.0/0", ""), ("0.0.0.0/0", "unix:"), ("::/0", "x"),
        ])
    func outside(network: String, address: String) throws {
        #expect(try !#require(Network(network)).contains(address))
    }

    @Test(
        "What is no network is refused",
        arguments: ["", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "x/8", "10.0.0.0/", "10/8"])
    func wrong(text: String) {
        #expect(Network(text) == nil)
    }
}

@Suite struct TimeTextTests {
    @Test("Times are read and shown", arguments: [("30s", 30), ("15m", 900), ("12h", 43_200), ("30d", 2_592_000)])
    func durations(text: String, seconds: Int) {
        #expect(DurationText.seconds(text) == seconds)
        #expect(DurationText.text(seconds) == text)
    }

    @Test("What is no time is refused", arguments: ["", "s", "5", "-5s", "1.5h", "5 m", "٣s", "9999999s", "5w"])
    func wrongDurations(text: String) {
        #expect(DurationText.seconds(text) == nil)
    }

    @Test(
        "Dates agree with the calendar",
        arguments: [
            ("1970-01-01", 0), ("2000-02-29", 951_782_400), ("2026-11-22", 1_795_305_600),
            ("2100-03-01", 4_107_542_400),
        ])
    func dates(text: String, seconds: Int64) {
        #expect(Date(text)?.startOfDay == seconds)
        #expect(Timestamp.text(seconds) == "\(text)T00:00:00Z")
        #expect(Timestamp.text(seconds + 86_399) == "\(text)T23:59:59Z")
    }

    @Test(
        "Days that do not exist are refused",
        arguments: ["2026-02-29", "2100-02-29", "2026-13-01", "2026-1-1", "x", "2026-00-10"])
    func wrongDates(text: String) {
        #expect(Date(text) == nil)
    }
}

@Suite struct EventTests {
    @Test("An event is one line of words")
    func plain() {
        let event = Event("login.failed").with("reason", "wrong_password").with("left", 6).with("user", nil as String?)
        #expect(event.line == "login.failed reason=wrong_password left=6")
    }

    @Test(
        "A value can neither end the line nor begin another word",
        arguments: [
            ("a b", "\"a b\""), ("a\r\nlogin.ok user=1", "\"a\\u{d}\\u{a}login.ok user=1\""), ("\"", "\"\\\"\""),
            ("", "\"\""),
            ("a=b", "\"a=b\""), ("\u{1b}[31m", "\"\\u{1b}[31m\""), ("\u{202e}x", "\"\\u{202e}x\""), ("\\", "\"\\\\\""),
        ])
    func escaped(value: String, shown: String) {
        #expect(Event("x").with("v", value).line == "x v=\(shown)")
    }
}

@Suite struct EditDistanceTests {
    @Test(
        "The distance of two words is known",
        arguments: [("", "", 0), ("abc", "abd", 1), ("pasword", "password", 1), ("a", "", 1)])
    func distance(left: String, right: String, expected: Int) {
        #expect(EditDistance.between(left, right) == expected)
    }
}

@Suite struct VersionTests {
    @Test("The version is the one of the file VERSION")
    func sameAsFile() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let bytes = try Files.read("/\(root)/VERSION", limit: 100)
        #expect(String(decoding: bytes, as: UTF8.self) == Version.text + "\n")
    }
}

import Testing

@testable import postern

@Suite("The line for monitoring")
struct NagiosTests {
    @Test("Status, word and figures")
    func words() {
        let good = NagiosLine([.ok("a", ""), .ok("b", "")])
        #expect(good.text == "POSTERN OK - 2 ok, 0 warnings, 0 failures|ok=2;;;0 warnings=0;0;;0 failures=0;;0;0")
        #expect(good.status == 0)
        let warning = NagiosLine([.ok("a", ""), .warn("b", "old", cure: "renew")])
        #expect(warning.text.hasPrefix("POSTERN WARNING - b: old (1 ok, 1 warning, 0 failures)|"))
        #expect(warning.status == 1)
        let critical = NagiosLine([.warn("b", "old", cure: "renew"), .fail("c", "gone")])
        #expect(critical.text.hasPrefix("POSTERN CRITICAL - c: gone (0 ok, 1 warning, 1 failure)|"))
        #expect(critical.status == 2)
    }

    @Test("One line, and one bar, whatever is found")
    func oneLine() {
        let line = NagiosLine([.fail("a", "x|y\n  z\u{1b}[2J")])
        #expect(line.text.hasPrefix("POSTERN CRITICAL - a: x/y z\\u{1b}[2J ("))
        #expect(line.text.split(separator: "|").count == 2 && !line.text.contains("\n"))
    }

    @Test(
        "Unusable arguments are unknown, not critical",
        arguments: [
            ["check", "--nagios", "--dance"], ["check", "--nagios", "--json"], ["check", "--site", "x", "--nagios"],
            ["check", "--nagios", "--location", "/x"], ["check", "--nagios", "--config", "/no/such.toml"],
        ])
    func unknown(words: [String]) { #expect(Program.run(words) == 3) }

    @Test("Without --nagios they are unusable as ever")
    func unusable() {
        #expect(Program.run(["check", "--location", "/x"]) == ExitStatus.unusable)
        #expect(Program.run(["check", "--nginx", "nginx.conf"]) == ExitStatus.unusable)
    }
}

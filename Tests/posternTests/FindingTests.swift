import Testing

@testable import postern

@Suite("postern check")
struct FindingTests {
    @Test("A failure's cure stands on a line of its own")
    func cure() {
        let finding = Finding.fail("key", "/k: refused: readable by others. Cure: chmod 0640")
        #expect(finding.text == "FAIL  key        /k: refused: readable by others\n                 cure: chmod 0640\n")
    }

    @Test("The last line counts, in the singular where it is one")
    func summary() {
        let findings: [Finding] = [.ok("a", ""), .ok("b", ""), .warn("c", "", cure: ""), .fail("d", "")]
        #expect(findings.summary == "2 ok, 1 warning, 1 failure")
    }
}

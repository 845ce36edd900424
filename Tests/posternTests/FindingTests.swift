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

    @Test("The rights that the workers need are no excess")
    func enough() {
        let grants = [
            "GRANT USAGE ON *.* TO `_postern`@`localhost` IDENTIFIED VIA unix_socket",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON `postern`.* TO `_postern`@`localhost`",
        ]
        #expect(Privileges(grants).excess == nil)
    }

    @Test(
        "More than rows of one database is an excess",
        arguments: [
            ("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", "ALL PRIVILEGES on *.*"),
            ("GRANT SELECT, ALTER, DROP ON `postern`.* TO `_postern`@`localhost`", "ALTER, DROP on `postern`.*"),
            ("GRANT SELECT ON *.* TO `_postern`@`localhost` IDENTIFIED BY PASSWORD '*2470C0C0'", "SELECT on *.*"),
        ])
    func excess(grant: String, expected: String) {
        #expect(Privileges([grant]).excess == expected)
    }
}

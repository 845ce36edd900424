import TestDatabase
import Testing

@testable import Accounts

@Suite("The rights of a database user")
struct PrivilegesTests {
    @Test("what the workers need is no excess")
    func enough() {
        let grants = [
            "GRANT USAGE ON *.* TO `_postern`@`localhost` IDENTIFIED VIA unix_socket",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON `postern`.* TO `_postern`@`localhost`",
        ]
        #expect(Privileges(grants).excess == nil)
    }

    @Test(
        "more than the rows of one database is an excess",
        arguments: [
            ("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", "ALL PRIVILEGES on *.*"),
            ("GRANT SELECT, ALTER, DROP ON `postern`.* TO `_postern`@`localhost`", "ALTER, DROP on `postern`.*"),
            ("GRANT SELECT ON *.* TO `_postern`@`localhost` IDENTIFIED BY PASSWORD '*2470C0C0'", "SELECT on *.*"),
        ])
    func excess(grant: String, expected: String) {
        #expect(Privileges([grant]).excess == expected)
    }

    @Test("are asked of the server, with its version")
    func server() throws {
        let place = try TestAccounts().place
        let server = try AccountsDatabase(place, connections: 1).server()
        #expect(server.version.contains("MariaDB"))
        // Who runs the tests may do everything on the test server.
        #expect(server.privileges.excess?.contains("ALL PRIVILEGES on *.*") == true)
    }
}

import Accounts
import Database
import TestDatabase
import Testing

@Suite("The workers' database user")
struct WorkersAccountTests {
    @Test("is made once, with unix_socket and no more rights than are needed, before its database is there")
    func grant() throws {
        let server = TestServer.shared
        let place = DatabasePlace(socket: server.socket, name: "not_there_yet", user: server.user)
        let account = try WorkersAccount("the_worker", at: place)
        #expect(try !account.exists())
        try account.grant()
        #expect(try account.exists())
        // postern setup may run again.
        try account.grant()

        let admin = try Connection(server.settings(database: nil))
        let grants = try admin.execute("SHOW GRANTS FOR the_worker@localhost").rows.map { try $0.text(0) }
        #expect(grants.count == 2)
        #expect(grants.contains { $0.contains("VIA unix_socket") })
        #expect(grants.contains { $0.hasPrefix(#"GRANT SELECT, INSERT, UPDATE, DELETE ON `not\_there\_yet`.* TO"#) })
    }

    @Test("A server that is not there is told as such")
    func away() {
        let place = DatabasePlace(socket: "/tmp/no-such-server.sock", name: "a", user: "b")
        let error = #expect(throws: AccountsError.self) { _ = try WorkersAccount("the_worker", at: place) }
        #expect(error?.isUnavailable == true)
    }
}

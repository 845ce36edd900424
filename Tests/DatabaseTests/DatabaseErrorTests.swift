import Database
import TestDatabase
import Testing

@Suite("A database error")
struct DatabaseErrorTests {
    let settings: ConnectionSettings

    init() throws {
        settings = TestServer.shared.settings(database: try TestServer.shared.makeDatabase())
    }

    @Test("tells a duplicate, and never the value")
    func duplicate() throws {
        let connection = try Connection(settings)
        _ = try connection.execute("CREATE TABLE u (email VARCHAR(254) UNIQUE)")
        let insert = "INSERT INTO u VALUES (?)"
        _ = try connection.execute(insert, [.text("it's@example.com")])
        let error = try #require(throws: DatabaseError.self) {
            try connection.execute(insert, [.text("it's@example.com")])
        }
        #expect(error.kind == .duplicate)
        #expect(error.code == 1062)
        #expect(!"\(error)".contains("@example.com"))
    }

    @Test("tells a row without the one it belongs to, and a value that does not fit")
    func constraints() throws {
        let connection = try Connection(settings)
        try connection.run(
            script: """
                CREATE TABLE parent (id INT PRIMARY KEY);
                CREATE TABLE child (id INT, word VARCHAR(4) COLLATE utf8mb4_bin, FOREIGN KEY (id) REFERENCES parent (id),
                    CONSTRAINT lower CHECK (word NOT REGEXP '[A-Z]'));
                """)
        func kind(_ values: [Value]) -> DatabaseError.Kind? {
            #expect(throws: DatabaseError.self) { try connection.execute("INSERT INTO child VALUES (?, ?)", values) }?
                .kind
        }
        #expect(kind([7, .text("word")]) == .orphan)
        #expect(kind([.null, .text("Word")]) == .unfit)
        #expect(kind([.null, .text("words")]) == .unfit)
    }

    @Test("names a missing table and its cure")
    func missingTable() throws {
        let error = try #require(throws: DatabaseError.self) {
            try Connection(settings).execute("SELECT * FROM nothing_here")
        }
        #expect(error.kind == .schema)
        #expect("\(error)".contains("nothing_here"))
        #expect(error.cure == "Cure: postern database migrate")
    }

    @Test("says who was refused where, and that the names must be the same")
    func refusedUser() throws {
        var stranger = settings
        stranger.user = "somebody_else"
        let admin = try Connection(settings)
        _ = try admin.execute("CREATE USER IF NOT EXISTS somebody_else@localhost IDENTIFIED VIA unix_socket")
        let error = try #require(throws: DatabaseError.self) { _ = try Connection(stranger) }
        #expect(error.kind == .refused)
        #expect("\(error)".contains("somebody_else@\(TestServer.shared.socket)"))
        #expect(error.cure?.contains("same name") == true)
    }

    @Test("never shows a password")
    func passwordStaysHidden() throws {
        var wrong = settings
        wrong.user = "guest"
        wrong.password = DatabasePassword("open sesame")
        let error = try #require(throws: DatabaseError.self) { _ = try Connection(wrong) }
        #expect(error.kind == .refused)
        var dumped = ""
        dump(wrong, to: &dumped)
        dump(error, to: &dumped)
        #expect(!dumped.contains("sesame") && !"\(wrong) \(error)".contains("sesame"))
    }

    @Test("a password works where the server asks for one")
    func passwordLogin() throws {
        let admin = try Connection(settings)
        let name = settings.database!
        _ = try admin.execute("CREATE USER \(name)@localhost IDENTIFIED BY 'correct horse'")
        _ = try admin.execute("GRANT SELECT ON \(name).* TO \(name)@localhost")
        var guest = settings
        guest.user = name
        guest.password = DatabasePassword("correct horse")
        #expect(try Connection(guest).execute("SELECT 1").rows == [Row([1])])
    }

    @Test("a host name cannot carry options", arguments: ["db;ssl-verify=0", "db=1", "a,b", "", "db host"])
    func hostNames(name: String) throws {
        var remote = settings
        remote.endpoint = .host(name: name, port: 3306, authority: "/nowhere.pem")
        let error = try #require(throws: DatabaseError.self) { _ = try Connection(remote) }
        #expect("\(error)".contains("unusable server"))
    }

    @Test("no NUL byte reaches the C side")
    func nulBytes() throws {
        #expect(DatabasePassword("a\0b") == nil)
        var cut = settings
        cut.user += "\0x"
        #expect(throws: DatabaseError.self) { _ = try Connection(cut) }
        cut = settings
        cut.endpoint = .socket(path: TestServer.shared.socket + "\0x")
        #expect(throws: DatabaseError.self) { _ = try Connection(cut) }
    }

    @Test("a missing server is away, and says the path")
    func away() throws {
        var nowhere = settings
        nowhere.endpoint = .socket(path: "/tmp/no-such-socket")
        let error = try #require(throws: DatabaseError.self) { _ = try Connection(nowhere) }
        #expect(error.kind == .away)
        #expect("\(error)".contains("/tmp/no-such-socket"))
    }
}

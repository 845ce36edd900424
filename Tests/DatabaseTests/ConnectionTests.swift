import Database
import TestDatabase
import Testing

@Suite("A connection")
struct ConnectionTests {
    let settings: ConnectionSettings

    init() throws {
        settings = TestServer.shared.settings(database: try TestServer.shared.makeDatabase())
    }

    @Test("gives back every kind of value as it was stored")
    func values() throws {
        let connection = try Connection(settings)
        _ = try connection.execute("CREATE TABLE kinds (number BIGINT, small TINYINT, word TEXT, raw BLOB, id UUID)")
        let stored: [Value] = [
            .integer(.min), .integer(-1), .text("naïve 🦊"), .bytes([0, 255, 0]),
            .text("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ]
        let answer = try connection.execute("INSERT INTO kinds VALUES (?, ?, ?, ?, ?)", stored)
        #expect(answer.affected == 1)
        #expect(try connection.execute("SELECT * FROM kinds").rows == [Row(stored)])
    }

    @Test("gives back NULL as NULL, beside values, in any row")
    func nulls() throws {
        let connection = try Connection(settings)
        _ = try connection.execute("CREATE TABLE n (position INT PRIMARY KEY, a TEXT, b INT)")
        let rows: [[Value]] = [
            [1, .null, .integer(5)], [2, .text(""), .null], [3, .null, .null], [4, .text("x"), .integer(0)],
        ]
        for row in rows { _ = try connection.execute("INSERT INTO n VALUES (?, ?, ?)", row) }
        #expect(try connection.execute("SELECT * FROM n ORDER BY position").rows == rows.map { Row($0) })
    }

    @Test("never cuts a long column", arguments: [255, 256, 257, 65_535, 1_000_000])
    func longColumns(length: Int) throws {
        let connection = try Connection(settings)
        _ = try connection.execute("CREATE TABLE long_ones (a LONGTEXT, b LONGBLOB)")
        let text = String(repeating: "é", count: length / 2) + (length % 2 == 1 ? "x" : "")
        let bytes = [UInt8](repeating: 0xfe, count: length)
        _ = try connection.execute("INSERT INTO long_ones VALUES (?, ?)", [.text(text), .bytes(bytes)])
        _ = try connection.execute("INSERT INTO long_ones VALUES ('short', 'short')")
        let rows = try connection.execute("SELECT a, b FROM long_ones ORDER BY LENGTH(a) DESC").rows
        #expect(rows.first == Row([.text(text), .bytes(bytes)]))
        #expect(rows.last == Row([.text("short"), .bytes(Array("short".utf8))]))
    }

    @Test("refuses a value that does not fit, whatever the server's mode")
    func strictMode() throws {
        let connection = try Connection(settings)
        _ = try connection.execute("CREATE TABLE narrow (word VARCHAR(3))")
        let error = #expect(throws: DatabaseError.self) {
            try connection.execute("INSERT INTO narrow VALUES (?)", [.text("four")])
        }
        #expect(error?.code == 1406)
        #expect(try connection.execute("SELECT COUNT(*) FROM narrow").rows == [Row([0])])
    }

    @Test("takes a statement again and again with other values")
    func reuse() throws {
        let connection = try Connection(settings)
        var statement = try connection.prepare("SELECT CAST(? AS CHAR), LENGTH(?)")
        for length in [3, 3000, 0, 10] {
            let text = String(repeating: "a", count: length)
            #expect(try statement.execute([.text(text), .text(text)]).rows == [Row([.text(text), Value(length)])])
        }
    }

    @Test("says how many parameters are missing")
    func parameterCount() throws {
        let connection = try Connection(settings)
        #expect(throws: DatabaseError.self) { try connection.execute("SELECT ?, ?", [.null]) }
    }

    @Test("a statement that outlives its connection fails and harms nothing")
    func outliving() throws {
        var statement = try Connection(settings).prepare("SELECT 1")
        let error = #expect(throws: DatabaseError.self) { try statement.execute() }
        #expect(error?.kind == .away)
    }

    @Test("never sends a local file, also when the server asks for one")
    func localInfile() throws {
        let connection = try Connection(settings)
        _ = try connection.execute("CREATE TABLE stolen (line TEXT)")
        _ = try connection.execute("SET GLOBAL local_infile = 1")
        #expect(throws: DatabaseError.self) {
            try connection.run(script: "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE stolen")
        }
        #expect(try Connection(settings).execute("SELECT COUNT(*) FROM stolen").rows == [Row([0])])
    }

    @Test("runs a script of several statements and says where it stopped")
    func script() throws {
        let connection = try Connection(settings)
        let error = #expect(throws: DatabaseError.self) {
            try connection.run(
                script:
                    "CREATE TABLE a (t TEXT); INSERT INTO a VALUES ('; not the end'); SELECT * FROM a; nonsense; DO 1"
            )
        }
        #expect(error?.completedStatements == 3)
        #expect(error?.code == 1064)
        #expect(try connection.execute("SELECT t FROM a").rows == [Row([.text("; not the end")])])
    }

    @Test("takes one statement only where no script is meant")
    func noStackedStatements() throws {
        let connection = try Connection(settings)
        try connection.run(script: "SELECT 1; SELECT 2")
        #expect(throws: DatabaseError.self) { try connection.execute("SELECT 1; SELECT 2") }
    }

    @Test("stops a slow query by the server's clock, not by ours, and stays usable")
    func slowQuery() throws {
        let connection = try Connection(settings)
        let error = #expect(throws: DatabaseError.self) {
            try connection.execute("SELECT COUNT(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b")
        }
        #expect(error?.kind == .busy)
        #expect(try connection.execute("SELECT 1").rows == [Row([1])])
    }
}

extension Value: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self = .integer(value) }
}

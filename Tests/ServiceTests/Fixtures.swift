import Database
import Foundation
import HTTP
import TestDatabase
import Testing
import Tokens

@testable import Accounts
@testable import Service

extension Request {
    static func test(
        _ method: String = "GET", _ path: String, _ headers: [(name: String, value: String)] = [],
        role: Role? = .api, address: String = TestWorker.address, query: String = ""
    ) -> Request {
        Request(
            role: role, method: method, path: path, query: query, headers: RequestHeaders(headers),
            remoteAddress: address, requestID: TestWorker.trace)
    }

    static func me(_ token: String?, address: String = TestWorker.address) -> Request {
        .test("GET", "/me", token.map { [("authorization", "Bearer \($0)")] } ?? [], address: address)
    }

    static func login(_ email: String, _ password: String, from address: String = TestWorker.address) -> Request {
        var request = Request.test("POST", "/login", address: address)
        request.contentType = "application/json"
        request.body = Array(#"{"email":"\#(email)","password":"\#(password)"}"#.utf8)
        request.contentLength = request.body.count
        return request
    }
}

extension Request {
    static func token(_ email: String, _ password: String) -> Request {
        var request = Request.test("POST", "/token")
        request.contentType = "application/x-www-form-urlencoded"
        let fields = [("grant_type", "password"), ("username", email), ("password", password)]
        let encoded = fields.map { name, value in
            "\(name)=" + value.utf8.map { "%" + Hexadecimal.text([$0]) }.joined()
        }
        request.body = Array(encoded.joined(separator: "&").utf8)
        request.contentLength = request.body.count
        return request
    }
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { get throws { try JSONValue(parsing: body) } }

    /// Everything but the fields of the rate limit, which change from one request to the next.
    var withoutRateLimit: [String] {
        headers.filter { $0.name != .rateLimit }.map { "\($0.name.text): \($0.value.text)" } + [text]
    }
}

extension User {
    static func test(
        _ number: UInt64 = 1, email: String = "anna@example.org", isActive: Bool = true, version: UInt32 = 1
    ) throws -> User {
        User(
            id: UserID(high: 0x0102_0304_0506_4708, low: 0x8000_0000_0000_0000 | number),
            email: try EmailAddress(email), name: "Anna", isActive: isActive, scopes: [], groups: [],
            tokenVersion: version, createdAt: 0, updatedAt: 0)
    }
}

/// The problem that `body` throws.
func problem<Value>(_ body: () throws(Problem) -> Value) throws -> Problem {
    do throws(Problem) {
        _ = try body()
    } catch {
        return error
    }
    throw Expected(what: "a problem")
}

struct Expected: Error { let what: String }

/// A fresh, migrated database on the shared test server, with users whose password is known.
struct TestUsers {
    static let password = "correct horse battery"
    /// Of `password`; a constant, so that making users hashes nothing.
    static let hash = "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS"

    let place: DatabaseName
    let database: AccountsDatabase

    init() throws {
        let server = TestServer.shared
        place = DatabaseName(socket: server.socket, name: try server.makeDatabase())
        let database = DatabasePlace(socket: server.socket, name: place.name, user: server.user)
        try TestUsers.migrate(database)
        self.database = AccountsDatabase(database)
    }

    static func migrate(_ database: DatabasePlace) throws {
        let migrations = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("database").path
        try Migrator(database, MigrationSet(directory: migrations)).migrate()
    }

    @discardableResult
    func add(
        _ number: UInt64, _ email: String, hash: String = TestUsers.hash, scopes: [String] = [], groups: [String] = []
    ) throws -> UserID {
        let user = try User.test(number, email: email)
        try database.users.add(
            NewUser(
                id: user.id, email: user.email, name: user.name, passwordHash: hash, scopes: scopes, groups: groups))
        return user.id
    }

    /// A connection of the test's own.
    func connection() throws -> Connection {
        try Connection(TestServer.shared.settings(database: place.name))
    }
}

/// Damage that a table sees, in a file that no worker may replace.
func overwriteFirstBytes(of path: String) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.write(contentsOf: Data(repeating: 0, count: 8))
    try file.close()
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
}

import HTTP
import System
import Testing

@testable import Accounts
@testable import Service

/// What lighttpd does with a variable that is set already: it appends.
@Suite("An Authorizer's request that belongs to somebody already")
struct RemoteUserTests {
    private let users: TestUsers
    private let worker: TestWorker
    private let id: String
    private let anna: String

    init() throws {
        users = try TestUsers()
        let user = try users.add(1, "anna@example.org")
        worker = try TestWorker(database: users.place)
        anna = try worker.token(user, "anna@example.org")
        id = "\(user)"
    }

    private func send(_ owner: String, tail: String = "", token: String?) async -> Response {
        var request = Request.check(tail, token: token)
        request.isAuthorizer = true
        request.remoteUser = owner
        if tail == "/preflight" {
            request.method = "OPTIONS"
            request.headers.append(name: "origin", value: "https://www.example.com")
            request.headers.append(name: "access-control-request-method", value: "GET")
        }
        return await worker.send(request)
    }

    private func variables(_ response: Response) -> [String] {
        response.headers.map { $0.name.text }.filter { $0.hasPrefix("Variable-") }
    }

    @Test("The same user passes and is not told twice")
    func again() async {
        #expect(variables(await send("", token: anna)).count == 5)
        let response = await send(id, token: anna)
        #expect(response.status == .ok && variables(response).isEmpty)
    }

    @Test("Anybody else's stays shut", arguments: ["root", "anna@example.org", " ", "ID, ID", "ID ", "ID\u{301}"])
    func other(_ owner: String) async throws {
        let response = await send(owner.replacing("ID", with: id), token: anna)
        #expect(response.status == .forbidden && variables(response).isEmpty)
        #expect(try response.json["code"]?.string == "forbidden")
        #expect(worker.lines.of("request.refused").last?.contains("reason=other_remote_user") == true)
    }

    @Test("It replaces no credential, and a preflight that is nobody's cannot be somebody's")
    func nobody() async {
        #expect(await send(id, token: nil).status == .unauthorized)
        #expect(await send("", tail: "/preflight", token: nil).status == .ok)
        #expect(await send(id, tail: "/preflight", token: nil).status == .forbidden)
    }
}

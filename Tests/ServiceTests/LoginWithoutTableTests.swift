import HTTP
import System
import Testing

@testable import Accounts
@testable import Service

@Suite("Failed logins while nothing can be counted")
struct LoginWithoutTableTests {
    private func guesses(_ whenAway: WhenAway) throws -> Guesses {
        try Guesses {
            $0.limits.login.whenAway = .open
            $0.login.whenAway = whenAway
            $0.login.pauses = [2]
        }
    }

    @Test("Closed: no password is looked at, and the client is told to come back")
    func closed() async throws {
        let guesses = try guesses(.closed)
        #expect(await guesses.send(TestUsers.password).status == .ok)
        try guesses.worker.loseTable()
        let response = await guesses.send(TestUsers.password)
        #expect(response.status == .serviceUnavailable)
        #expect(response.header(.retryAfter) == "5")
        #expect(guesses.hashed == 1)
        #expect(guesses.worker.lines.values(of: "reason", in: "request.failed") == ["no_rate_table"])
    }

    @Test("Open: logins go on, and nothing is counted")
    func open() async throws {
        let guesses = try guesses(.open)
        try guesses.worker.loseTable()
        for _ in 0..<60 { #expect(await guesses.send("wrong").status == .unauthorized) }
        #expect(guesses.hashed == 60)
        #expect(guesses.left.isEmpty)
        #expect(await guesses.send(TestUsers.password).status == .ok)
    }

    @Test("Open: a ban by hand holds all the same")
    func banned() async throws {
        let guesses = try guesses(.open)
        try guesses.users.database.bans.add(NewBan(.user(guesses.anna), madeBy: "root"))
        try guesses.worker.loseTable()
        #expect(await guesses.send(TestUsers.password).status == .unauthorized)
        #expect(guesses.blocked == ["banned_by_hand"])
    }

    @Test("Who has no address has no budget, and is refused", arguments: ["", "unix:", "300.1.1.1"])
    func noAddress(address: String) async throws {
        let guesses = try Guesses { $0.limits.login.per = .email }
        let response = await guesses.send(TestUsers.password, from: address)
        #expect(response.status == .badRequest)
        #expect(try response.json["code"]?.string == "no_address")
        #expect(guesses.hashed == 0)
    }
}

import HTTP
import System
import Testing

@testable import Accounts
@testable import Service

@Suite("Pauses after wrong passwords, and the same wrong password again")
struct PauseTests {
    private func guesses(_ adjust: (inout Settings) -> Void = { _ in }) throws -> Guesses {
        try Guesses {
            $0.login.pauses = [2, 4, 8, 15]
            adjust(&$0)
        }
    }

    @Test(
        "Pauses grow and end, to the instant, for a user and for an e-mail that is nobody's", arguments: [true, false])
    func grow(isKnown: Bool) async throws {
        let guesses = try guesses()
        let email = isKnown ? Guesses.email : "nobody@example.org"
        var time = 0.0
        await guesses.send("wrong", for: email, at: time)
        for (round, pause) in [2.0, 4, 8, 15, 15].enumerated() {
            await guesses.send("early \(round)", for: email, at: time + pause - 0.001)
            #expect(guesses.hashed == round + 1, "before \(pause) s")
            time += pause
            await guesses.send("wrong \(round)", for: email, at: time)
            #expect(guesses.hashed == round + 2, "after \(pause) s")
        }
        #expect(guesses.blocked == Array(repeating: "paused", count: 5))
    }

    @Test("A right password is refused in a pause and is right after it: it was not looked at")
    func right() async throws {
        let guesses = try guesses()
        await guesses.send("wrong")
        #expect(await guesses.send(TestUsers.password, at: 1).status == .unauthorized)
        #expect(guesses.hashed == 1)
        #expect(await guesses.send(TestUsers.password, at: 2).status == .ok)
    }

    @Test("A success ends the pauses of this user from this network, and of nobody else")
    func success() async throws {
        let guesses = try guesses()
        try guesses.users.add(2, "bert@example.org")
        for (number, time) in [0.0, 2, 6].enumerated() { await guesses.send("wrong \(number)", at: time) }
        for (number, time) in [6.0, 8, 12].enumerated() {
            await guesses.send("wrong \(number)", for: "bert@example.org", at: time)
            await guesses.send("other \(number)", from: "198.51.100.1", at: time)
        }
        #expect(guesses.hashed == 9)
        #expect(await guesses.send(TestUsers.password, at: 14).status == .ok)
        // One wrong password: two seconds.
        await guesses.send("wrong again", at: 14.5)
        await guesses.send("wrong once more", at: 16.5)
        #expect(guesses.hashed == 12)
        // Three of them: eight.
        await guesses.send("wrong 3", for: "bert@example.org", at: 19.9)
        await guesses.send("other 3", from: "198.51.100.1", at: 19.9)
        #expect(guesses.blocked == ["paused", "paused"])
    }

    @Test("A pause holds nobody else of the network, and not the user elsewhere")
    func others() async throws {
        let guesses = try guesses()
        try guesses.users.add(2, "bert@example.org")
        await guesses.send("wrong")
        #expect(await guesses.send(TestUsers.password, for: "bert@example.org").status == .ok)
        #expect(await guesses.send(TestUsers.password, from: "198.51.100.1").status == .ok)
        #expect(guesses.blocked.isEmpty)
    }

    @Test("Ten minutes later the first pause is the short one again")
    func forgotten() async throws {
        let guesses = try guesses()
        for (number, time) in [0.0, 2, 6].enumerated() { await guesses.send("wrong \(number)", at: time) }
        await guesses.send("later", at: 607)
        await guesses.send("much later", at: 609)
        #expect(guesses.hashed == 5)
    }

    @Test("The same wrong password again is no new guess: not hashed, not charged, no longer pause")
    func repeated() async throws {
        let guesses = try guesses()
        await guesses.send("wrong")
        for time in [0.5, 1, 3, 5, 1800] { #expect(await guesses.send("wrong", at: time).status == .unauthorized) }
        #expect(guesses.hashed == 1)
        #expect(guesses.blocked == Array(repeating: "repeated_password", count: 5))
        await guesses.send("another", at: 1801)
        #expect(guesses.left == ["19", "18"])
        #expect(try guesses.networkPlaces(at: 1801) == 48)
        // An hour later it is one.
        await guesses.send("wrong", at: 3600)
        #expect(guesses.hashed == 3)
    }

    @Test(
        "Where a budget looks back further than an hour, so does this: an old password in a telephone spends one place")
    func longWindow() async throws {
        let guesses = try guesses { $0.login.perUserElsewhere = RateLimit("5/day", per: .user) }
        for hour in 0..<24 { await guesses.send("last year's", at: Double(hour) * 3600) }
        #expect(guesses.hashed == 1)
        #expect(await guesses.send(TestUsers.password, at: 86_399).status == .ok)
    }

    @Test("It is another guess for another user, and none from another network")
    func whose() async throws {
        let guesses = try guesses()
        try guesses.users.add(2, "bert@example.org")
        await guesses.send("wrong")
        await guesses.send("wrong", for: "bert@example.org")
        await guesses.send("wrong", for: "nobody@example.org")
        #expect(guesses.hashed == 3)
        await guesses.send("wrong", from: "198.51.100.1")
        await guesses.send("wrong", for: "nobody@example.org", from: "198.51.100.1")
        #expect(guesses.hashed == 3)
    }

    @Test("A password that was wrong before it became the user's is right at once")
    func changedPassword() async throws {
        let guesses = try guesses()
        let store = guesses.users.database.users
        try store.setPassword(of: guesses.anna, hash: Self.otherHash)
        #expect(await guesses.send(TestUsers.password).status == .unauthorized)
        try store.setPassword(of: guesses.anna, hash: TestUsers.hash)
        #expect(await guesses.send(TestUsers.password, at: 2).status == .ok)
    }

    @Test("A right password of a user who was inactive is right once the user is active")
    func enabled() async throws {
        let guesses = try guesses()
        let store = guesses.users.database.users
        try store.setActive(false, of: guesses.anna)
        #expect(await guesses.send(TestUsers.password).status == .unauthorized)
        #expect(await guesses.send(TestUsers.password, at: 2).status == .unauthorized)
        #expect(guesses.blocked == ["repeated_password"])
        try store.setActive(true, of: guesses.anna)
        #expect(await guesses.send(TestUsers.password, at: 4).status == .ok)
    }

    @Test("What could not be compared is not called wrong: with a hash that can be used it is right at once")
    func unusableHash() async throws {
        let guesses = try guesses()
        _ = try guesses.users.connection().execute("UPDATE users SET password_hash = '$5$not$bcrypt'")
        await guesses.send("wrong")
        await guesses.send("wrong", at: 2)
        #expect(guesses.hashed == 2)
        #expect(guesses.blocked.isEmpty)
    }

    /// Of another password.
    private static let otherHash = "$2b$04$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
}

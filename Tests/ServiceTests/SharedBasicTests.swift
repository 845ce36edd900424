import HTTP
import System
import TestKit
import Testing

@testable import Accounts
@testable import Service

@Suite("Many passwords at once at a protected location")
struct SharedBasicTests {
    @Test("Sixty requests with one right password on a cold cache are one hash and one login")
    func right() async throws {
        let guesses = try Guesses.atLocation { $0.limits.login = RateLimit("1/minute", per: .address) }
        let held = guesses.holdHashes()
        let pending = (0..<60).map { _ in guesses.beginBasic(TestUsers.password) }
        #expect(waitUntil { guesses.worker.resources.hashes.load.waiting == 1 })
        held.set()
        #expect(waitUntil { pending.allSatisfy { $0.status == .noContent } })
        #expect(guesses.hashed == 1)
        #expect(guesses.worker.lines.of("login.ok").count == 1)
    }

    @Test("Sixty with one wrong password are one guess; each is told that it is wrong")
    func wrong() async throws {
        let guesses = try Guesses.atLocation { $0.limits.login = RateLimit("1/minute", per: .address) }
        let before = try guesses.networkPlaces()
        let held = guesses.holdHashes()
        let pending = (0..<60).map { _ in guesses.beginBasic("wrong") }
        #expect(waitUntil { guesses.worker.resources.hashes.load.waiting == 1 })
        held.set()
        #expect(waitUntil { pending.allSatisfy { $0.status == .unauthorized } })
        #expect(guesses.hashed == 1)
        #expect(guesses.worker.lines.of("login.failed").count == 1 && guesses.blocked.isEmpty)
        #expect(try guesses.networkPlaces() == before - 1)
    }

    @Test("Who comes after a change shares no login with who came before it")
    func change() async throws {
        let guesses = try Guesses.atLocation()
        let held = guesses.holdHashes()
        let before = guesses.beginBasic(TestUsers.password)
        #expect(waitUntil { guesses.worker.resources.hashes.load.waiting == 1 })
        try guesses.changePassword(to: "another long password")
        guesses.noteChange()
        let after = guesses.beginBasic(TestUsers.password)
        let new = guesses.beginBasic("another long password")
        #expect(waitUntil { guesses.worker.resources.hashes.load.waiting == 3 })
        held.set()
        #expect(waitUntil { [before, after, new].allSatisfy { $0.status != nil } })
        // The first was right when it was read; the user is another one since.
        #expect(before.status == .unauthorized && after.status == .unauthorized && new.status == .noContent)
        #expect(guesses.hashed == 3)
        #expect(guesses.reasons.sorted() == ["login_refused", "old_token_version"])
    }

    @Test("No more wait for one login than there is room for: the one above is told to come back, at once")
    func crowd() async throws {
        let guesses = try Guesses.atLocation()
        let held = guesses.holdHashes()
        let pending = (0..<BasicDoor.mostOfOne).map { _ in guesses.beginBasic(TestUsers.password) }
        let above = await guesses.basic()
        #expect(above.status == .forbidden && above.header(.posternStatus) == "503")
        #expect(guesses.worker.resources.loginCounts.totals.busy == 1)
        // Others have room.
        let other = guesses.beginBasic("wrong")
        #expect(waitUntil { guesses.worker.resources.hashes.load.waiting == 2 })
        held.set()
        #expect(waitUntil { pending.allSatisfy { $0.status == .noContent } })
        #expect(waitUntil { other.status == .unauthorized })
        #expect(await guesses.basic().status == .noContent)
    }

    @Test("No more wait in all than there is room for")
    func crowds() async throws {
        let guesses = try Guesses.atLocation()
        let held = guesses.holdHashes()
        let passwords = BasicDoor.mostWaiting / BasicDoor.mostOfOne
        let pending = (0..<passwords).flatMap { number in
            (0..<BasicDoor.mostOfOne).map { _ in guesses.beginBasic("wrong \(number)") }
        }
        let above = await guesses.basic()
        #expect(above.header(.posternStatus) == "503")
        held.set()
        #expect(waitUntil { pending.allSatisfy { $0.status == .unauthorized } })
        #expect(await guesses.basic().status == .noContent)
    }
}

@Suite("The answer to a blocked password at a protected location")
struct BlockedBasicTests {
    @Test("is a wrong password's to the byte, for every reason, right password or not")
    func bytes() async throws {
        let reasons: [(String, String, (inout Settings) -> Void, (Guesses) throws -> Void)] = [
            ("paused", TestUsers.password, { $0.login.pauses = [2] }, { _ in }),
            (
                "user_budget", TestUsers.password, { $0.login.perUserElsewhere = RateLimit("1/hour", per: .user) },
                { _ in }
            ),
            ("banned", TestUsers.password, { $0.login.perNetwork = RateLimit("1/hour", per: .address) }, { _ in }),
            (
                "banned_by_hand", TestUsers.password, { _ in },
                {
                    try $0.users.database.bans.add(NewBan(.user($0.anna), madeBy: "root"))
                    $0.noteChange()
                }
            ),
            ("repeated_password", "wrong", { _ in }, { _ in }),
        ]
        for (reason, password, adjust, between) in reasons {
            let guesses = try Guesses.atLocation(adjust)
            let wrong = await guesses.basic("wrong")
            #expect(wrong.status == .unauthorized && wrong.header(.posternDetail) == "code=invalid_credentials")
            try between(guesses)
            let blocked = await guesses.basic(password, at: 1.5)
            #expect(guesses.blocked == [reason] && guesses.hashed == 1)
            #expect(blocked.serialized() == wrong.serialized(), "\(reason)")
            #expect(guesses.worker.lines.values(of: "door", in: "login.blocked") == ["basic"])
        }
    }

    @Test("comes no earlier than that of a wrong password, and sixty at once are one that waits")
    func time() async throws {
        let guesses = try Guesses.atLocation { $0.login.pauses = [2] }
        _ = await guesses.basic("wrong")
        for _ in 0..<16 { guesses.worker.resources.parking.noteFailure(300_000_000) }
        let start = Moment.now().boot
        let pending = (0..<60).map { _ in guesses.beginBasic("another", at: 1) }
        #expect(waitUntil { pending.allSatisfy { $0.status == .unauthorized } })
        #expect(Moment.now().boot - start >= 300_000_000)
        #expect(guesses.blocked == ["paused"])
    }

    @Test("Guesses at this door and at the others spend one budget")
    func shared() async throws {
        let guesses = try Guesses.atLocation { $0.login.perUserElsewhere = RateLimit("2/hour", per: .user) }
        _ = await guesses.basic("one")
        await guesses.send("two")
        _ = await guesses.basic("three")
        await guesses.send("four")
        #expect(guesses.blocked == ["user_budget", "user_budget"])
        #expect(guesses.worker.lines.values(of: "door", in: "login.failed") == ["basic", "login"])
        // A wrong password is known as wrong at every door.
        await guesses.send("one")
        #expect(guesses.blocked.last == "repeated_password")
    }
}

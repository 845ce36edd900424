import System
import TestKit
import Testing

@testable import Accounts
@testable import Service

/// What a guesser can see of a user's budget, pause or ban beside a guess at an e-mail that is nobody's.
@Suite("A blocked guess and one at an e-mail that is nobody's")
struct BlockedUserTests {
    private static let nobody = "nobody@example.org"

    @Test("are both told to come later while the hashes have no room")
    func busy() async throws {
        let guesses = try Guesses {
            $0.service.hashQueue = 1
            $0.login.perUserElsewhere = RateLimit("1/hour", per: .user)
        }
        await guesses.send("wrong")
        let flag = guesses.holdHashes()
        let filler = guesses.begin("other", for: "filler@example.org")
        #expect(waitUntil { guesses.worker.resources.hashes.load.waiting == 1 })
        let known = await guesses.send("second")
        let unknown = await guesses.send("second", for: BlockedUserTests.nobody)
        flag.set()
        #expect(guesses.blocked == ["user_budget"])
        #expect(known.status == .serviceUnavailable)
        #expect(unknown.status == .serviceUnavailable)
        #expect(waitUntil { filler.status != nil })
    }

    @Test("cost the network the same where the user is banned by hand")
    func banned() async throws {
        let guesses = try Guesses()
        try guesses.users.database.bans.add(NewBan(.user(guesses.anna), madeBy: "root"))
        #expect(guesses.worker.resources.table.noteUserChange())
        for number in [0, 1, 2, 2] {
            await guesses.send("wrong\(number)", from: "203.0.113.1")
            await guesses.send("wrong\(number)", for: BlockedUserTests.nobody, from: "203.0.113.2")
        }
        #expect(guesses.blocked.count { $0 == "banned_by_hand" } == 4)
        #expect(try guesses.networkPlaces("203.0.113.1") == 47)
        #expect(try guesses.networkPlaces("203.0.113.2") == 47)
    }

    @Test("cost the network one place for a password that comes again when the user's budget is free")
    func again() async throws {
        let guesses = try Guesses { $0.login.perUserElsewhere = RateLimit("1/10s", per: .user) }
        for (email, address) in [(Guesses.email, "203.0.113.1"), (BlockedUserTests.nobody, "203.0.113.2")] {
            await guesses.send("one", for: email, from: address)
            await guesses.send("two", for: email, from: address, at: 1)
            await guesses.send("two", for: email, from: address, at: 12)
        }
        #expect(try guesses.networkPlaces("203.0.113.1", at: 12) == 48)
        #expect(try guesses.networkPlaces("203.0.113.2", at: 12) == 48)
    }

    @Test("take no time that another guess has waited for its hash")
    func noQueue() async throws {
        let guesses = try Guesses()
        let flag = guesses.holdHashes()
        let first = guesses.begin("wrong")
        let begin = Moment.now().boot
        let wait: UInt64 = 2_000_000_000
        #expect(waitUntil { Moment.now().boot - begin > wait })
        flag.set()
        #expect(waitUntil { first.status != nil })
        // Of the one failure that there was, the hash alone.
        #expect(guesses.worker.resources.parking.draw(bcryptCost: 12) < wait)
    }
}

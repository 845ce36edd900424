import HTTP
import System
import TestKit
import Testing

@testable import Accounts
@testable import Service

@Suite("The answer to a blocked guess")
struct BlockedAnswerTests {
    private func login(_ password: String) -> Request { .login(Guesses.email, password) }

    private func token(_ password: String) -> Request { .token(Guesses.email, password) }

    /// From a worker of its own where the first guess is wrong and the second is blocked for the reason.
    private func answers(
        _ reason: String, _ adjust: (inout Settings) -> Void, _ requests: [Request], between: (Guesses) throws -> Void
    ) async throws -> [Response] {
        let guesses = try Guesses {
            $0.limits.login = RateLimit("1000000/second", per: .address)
            adjust(&$0)
        }
        var responses = [await guesses.worker.send(requests[0], at: guesses.moment(0))]
        try between(guesses)
        responses.append(await guesses.worker.send(requests[1], at: guesses.moment(1.5)))
        #expect(guesses.blocked == [reason])
        #expect(guesses.hashed == 1)
        return responses
    }

    @Test("is a wrong password's to the byte, at every door and for every reason, right password or not")
    func bytes() async throws {
        let reasons: [(String, (inout Settings) -> Void, (Guesses) throws -> Void)] = [
            ("paused", { $0.login.pauses = [2] }, { _ in }),
            ("user_budget", { $0.login.perUserElsewhere = RateLimit("1/hour", per: .user) }, { _ in }),
            ("banned", { $0.login.perNetwork = RateLimit("1/hour", per: .address) }, { _ in }),
            (
                "network_budget",
                {
                    $0.login.perNetwork = RateLimit("1/hour", per: .address)
                    $0.login.ban = 0
                }, { _ in }
            ),
            (
                "banned_by_hand", { _ in },
                {
                    try $0.users.database.bans.add(NewBan(.user($0.anna), madeBy: "root"))
                    #expect($0.worker.resources.table.noteUserChange())
                }
            ),
        ]
        for (reason, adjust, between) in reasons {
            for door in [login, token] {
                let responses = try await answers(
                    reason, adjust, [door("wrong"), door(TestUsers.password)], between: between)
                #expect(responses[0].serialized() == responses[1].serialized(), "\(reason)")
            }
        }
        for door in [login, token] {
            let responses = try await answers(
                "repeated_password", { _ in }, [door("wrong"), door("wrong")], between: { _ in })
            #expect(responses[0].serialized() == responses[1].serialized())
        }
    }

    @Test("comes no earlier than that of a wrong password, and seldom much later")
    func time() async throws {
        let guesses = try Guesses { $0.login.pauses = [2] }
        await guesses.send("wrong")
        for _ in 0..<16 { guesses.worker.resources.parking.noteFailure(300_000_000) }
        var times: [UInt64] = []
        for number in 0..<5 {
            let start = Moment.now().boot
            await guesses.send("another \(number)", at: 1)
            times.append(Moment.now().boot - start)
        }
        #expect(guesses.blocked == Array(repeating: "paused", count: 5))
        #expect(times.allSatisfy { $0 >= 300_000_000 })
        // The median: a busy machine may stand still during one or two.
        #expect(times.sorted()[2] < 600_000_000)
    }

    @Test("is 503 where no more can wait, and the place of limits.login is free again")
    func full() async throws {
        let guesses = try Guesses {
            $0.login.pauses = [2]
            $0.limits.login = RateLimit("2/minute", per: .address)
        }
        await guesses.send("wrong")
        let parking = guesses.worker.resources.parking
        fill(parking, with: Parking.capacity)
        for _ in 0..<3 {
            let response = await guesses.send("another", at: 1)
            #expect(response.status == .serviceUnavailable)
            #expect(response.header(.retryAfter) == "2")
        }
        #expect(parking.count == Parking.capacity)
    }

    @Test("is given at once when the worker stops")
    func stop() async throws {
        let guesses = try Guesses { $0.login.pauses = [2] }
        await guesses.send("wrong")
        let parking = guesses.worker.resources.parking
        fill(parking, with: 1)
        let answer = guesses.begin("another", at: 1)
        #expect(waitUntil { parking.count == 2 })
        #expect(answer.status == nil)
        guesses.worker.resources.stop()
        #expect(answer.status == .unauthorized)
    }

    /// Answers that are due in ten minutes, and so will be all that follow.
    private func fill(_ parking: Parking, with count: Int) {
        for _ in 0..<16 { parking.noteFailure(600_000_000_000) }
        for _ in 0..<count { #expect(parking.hold(after: 0, bcryptCost: 4) {}) }
    }
}

@Suite("The times of wrong passwords")
struct FailureTimesTests {
    @Test("Until there is one, they are guessed from the hash's cost; then each drawn is one of the last sixteen")
    func draw() {
        var times = FailureTimes()
        var generator = SystemRandomNumberGenerator()
        let guessed = (0..<100).map { _ in times.draw(bcryptCost: 12, using: &generator) }
        #expect(guessed.allSatisfy { (221_000_000...271_000_000).contains($0) })
        #expect(Set(guessed).count > 50)
        times.note(5)
        #expect(times.draw(bcryptCost: 12, using: &generator) == 5)
        for duration in UInt64(100)..<120 { times.note(duration) }
        let drawn = (0..<2000).map { _ in times.draw(bcryptCost: 12, using: &generator) }
        #expect(Set(drawn) == Set(104..<120))
    }
}

@Suite("Lines of blocked guesses")
struct BlockedLinesTests {
    @Test("Fifty a second are told, the others counted, and the count is told when the second is over")
    func limit() {
        let lines = BlockedLines()
        let second: UInt64 = 1_000_000_000
        #expect((0..<80).count { _ in lines.mayTell(at: 10 * second) } == 50)
        #expect(lines.leftOut(at: 10 * second) == 0)
        #expect(lines.leftOut(at: 11 * second) == 30)
        #expect(lines.leftOut(at: 11 * second) == 0)
        #expect(lines.mayTell(at: 11 * second))
        #expect((0..<50).count { _ in lines.mayTell(at: 11 * second) } == 49)
        #expect(lines.finalLeftOut() == 1)
    }
}

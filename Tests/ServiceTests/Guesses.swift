import HTTP
import RateWindows
import Synchronization
import System
import TestKit
import Testing

@testable import Accounts
@testable import Service

/// A worker with one user, whose failed logins a test counts.
///
/// Requests come at times that the test chooses, all later than now: no machine is too slow for it, and no test waits.
final class Guesses: Sendable {
    static let email = "anna@example.org"

    let users: TestUsers
    let anna: UserID
    let worker: TestWorker
    private let start = Moment.now().adding(milliseconds: 1_000_000)

    /// `limits.login` and pauses are out of the way where a test does not set them.
    init(_ adjust: (inout Settings) -> Void = { _ in }) throws {
        users = try TestUsers()
        anna = try users.add(1, Guesses.email)
        worker = try TestWorker(database: users.place) {
            $0.limits.login = RateLimit("1000000/minute", per: .address)
            $0.login.pauses = []
            $0.service.ratesCapacity = 16_384
            $0.service.hashQueue = 2000
            adjust(&$0)
        }
    }

    func moment(_ seconds: Double) -> Moment { start.adding(milliseconds: Int(seconds * 1000)) }

    @discardableResult
    func send(
        _ password: String, for email: String = Guesses.email, from address: String = TestWorker.address,
        at seconds: Double = 0
    ) async -> Response {
        await worker.send(.login(email, password, from: address), at: moment(seconds))
    }

    /// All at once.
    func sendAll(_ requests: [Request], at seconds: Double = 0) async -> [Response] {
        await withTaskGroup { group in
            for request in requests { group.addTask { await self.worker.send(request, at: self.moment(seconds)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Without waiting for the answer, and without a thread of the tests' own that could be busy.
    func begin(_ password: String, for email: String = Guesses.email, at seconds: Double = 0) -> PendingResponse {
        let pending = PendingResponse()
        switch worker.pipeline.handle(.login(email, password), at: moment(seconds)) {
        case .response(let response): pending.give(response)
        case .deferred(let start): start(Completion { pending.give($0) })
        }
        return pending
    }

    /// Keeps the hash thread busy until the flag is set.
    func holdHashes() -> Flag {
        let flag = Flag()
        let hashes = worker.resources.hashes
        #expect(hashes.submit(Lane.Job(deadline: .max, run: { flag.wait() }, expired: {})))
        #expect(waitUntil { hashes.load == (0, 1) })
        return flag
    }

    /// Passwords that reached the hash.
    var hashed: Int { worker.lines.of("hash.done").count }

    /// Why logins were blocked, in order.
    var blocked: [String] { worker.lines.values(of: "reason", in: "login.blocked") }

    /// What the tightest budget had left after each wrong password.
    var left: [String] { worker.lines.values(of: "left", in: "login.failed") }

    /// Places that a network has left in `[login] per_network`.
    func networkPlaces(_ address: String = TestWorker.address, at seconds: Double = 0) throws -> UInt32 {
        let rule = try #require(LoginRules(worker.settings.login).perNetwork.first)
        let key = try #require(Key(address: address))
        return try #require(worker.resources.table.standing(of: key, under: rule, at: moment(seconds).boot)).remaining
    }
}

/// An answer that has come or not.
final class PendingResponse: Sendable {
    private let response = Mutex<Response?>(nil)

    var status: Status? { response.withLock { $0?.status } }

    func give(_ new: Response) { response.withLock { $0 = new } }
}

/// Something that a thread waits for.
final class Flag: Sendable {
    private let condition = Condition()
    private let isUp = Atomic<Bool>(false)

    func set() {
        condition.locked {
            isUp.store(true, ordering: .releasing)
            condition.broadcast()
        }
    }

    func wait() { condition.locked { while !isUp.load(ordering: .acquiring) { condition.wait() } } }
}

extension RecordedLines {
    /// A field of the lines of one event, in order; lines without it are left out.
    func values(of field: String, in event: String) -> [String] {
        of(event).compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix(field + "=") }.map { String($0.dropFirst(field.count + 1)) }
        }
    }
}

import HTTP
import System
import TestDatabase
import TestKit
import Testing

@testable import Accounts
@testable import Service

@Suite("A service token")
struct ServiceTokenTests {
    private let users: TestUsers
    private let worker: TestWorker
    private let anna: UserID
    /// The clock of the tests stands still where they do not move it.
    private let now = Moment.now()

    init() throws {
        users = try TestUsers()
        worker = try TestWorker(database: users.place)
        anna = UserID(high: 0x0102_0304_0506_4708, low: 0x8000_0000_0000_0001)
        try users.database.users.add(
            NewUser(
                id: anna, email: try EmailAddress("anna@example.org"), name: "Anna", passwordHash: TestUsers.hash,
                scopes: ["read", "write"]))
    }

    private var store: ServiceTokenStore { users.database.serviceTokens }

    private func issue(scopes: [String] = ["read"], expires: Int64? = nil) throws -> (id: UInt64, text: String) {
        let text = try ServiceTokenText.make()
        let hash = try #require(ServiceTokenText.hash(text))
        let token = NewServiceToken(of: anna, hash: hash, scopes: scopes, madeBy: "root", expiresAt: expires)
        return (try store.add(token), text)
    }

    private func stored(_ id: UInt64) throws -> ServiceToken { try #require(try store.find(id: id)) }

    private func later(_ seconds: Int) -> Moment {
        Moment(boot: now.boot + UInt64(seconds) * 1_000_000_000, wall: now.wall + Int64(seconds))
    }

    private var reasons: [String] { worker.lines.values(of: "reason", in: "request.refused") }

    @Test("opens what an access token of its user opens, with the scopes that it was given and the user still has")
    func pass() async throws {
        let token = try issue(scopes: ["read", "admin"])
        let me = await worker.send(.me(token.text))
        #expect(me.status == .ok)
        #expect(try me.json["email"]?.string == "anna@example.org")
        let check = await worker.send(.check(token: token.text))
        #expect(check.status == .noContent)
        #expect(check.header(.remoteUser) == "\(anna)")
        #expect(check.header(.remoteScopes) == "read")
        #expect(worker.lines.all.allSatisfy { !$0.contains("postern_") })
    }

    @Test(
        "that nobody issued, or that cannot be one, is refused as an access token is; it is no guess",
        arguments: [
            "postern_", "postern_x", "postern_\(String(repeating: "A", count: 43))",
            "postern_\(String(repeating: "A", count: 44))", "postern_\(String(repeating: "=", count: 43))",
            "postern_a.b.c",
        ])
    func unknown(text: String) async throws {
        for request in [Request.me(text), .check(token: text)] {
            let response = await worker.send(request)
            #expect(response.status == .unauthorized)
        }
        #expect(reasons == ["unknown_service_token", "unknown_service_token"])
        let me = await worker.send(.me(text))
        #expect(me.header(.wwwAuthenticate)?.contains("error=\"invalid_token\"") == true)
        #expect(try me.json["code"]?.string == "invalid_token")
    }

    @Test("that nobody issued is asked for each time: made-up ones push out none that is known")
    func unknownIsNotKept() async throws {
        let directory = ServiceTokenDirectory(
            store: store, lane: worker.resources.lookups, table: worker.resources.table,
            faults: DatabaseFaults(events: EventLog(handler: SilentHandler())) { false }, cacheLife: 300)
        for text in [try issue().text, try ServiceTokenText.make()] {
            let hash = try #require(ServiceTokenText.hash(text).flatMap { Fingerprint($0) })
            let held = try await withCheckedContinuation { continuation in
                directory.join(hash) { continuation.resume(returning: $0) }
            }.get()
            if case .known = directory.find(hash, at: .now()) {
                #expect(held?.user.id == anna)
            } else {
                #expect(held == nil)
            }
        }
    }

    @Test("that nobody issued is looked up 300 times a minute for one network; one that is remembered passes")
    func madeUp() async throws {
        let (token, other) = (try issue(), try issue())
        #expect(await worker.send(.me(token.text), at: now).status == .ok)
        for _ in 0..<300 {
            let response = await worker.send(.check(token: try ServiceTokenText.make()), at: now)
            #expect(response.header(.posternStatus) == "401")
        }
        let refused = await worker.send(.check(token: try ServiceTokenText.make()), at: now)
        #expect(refused.header(.posternStatus) == "429")
        // The table counts so many in parts of the minute, and says when a whole part is free again.
        let wait = try #require(refused.header(.retryAfter).flatMap { Int($0) })
        #expect((60...64).contains(wait))
        #expect(reasons.last == "unknown_service_tokens")
        let api = await worker.send(.me(try ServiceTokenText.make()), at: now)
        #expect(api.status == .tooManyRequests && api.header(.retryAfter) == "\(wait)")
        // What would have to be looked up waits, whatever it is.
        #expect(await worker.send(.check(token: other.text), at: now).header(.posternStatus) == "429")
        #expect(await worker.send(.check(token: token.text), at: now).status == .noContent)
        // Other networks, and this one a minute later, are looked up.
        let elsewhere = Request.check(token: other.text, address: "198.51.100.9")
        #expect(await worker.send(elsewhere, at: now).status == .noContent)
        #expect(await worker.send(.check(token: try ServiceTokenText.make()), at: later(wait)).status == .unauthorized)
    }

    @Test("that nobody issued is counted by the /64, and by the /48 eight times as often")
    func madeUpFromIPv6() async throws {
        func send(_ address: String) async throws -> String? {
            await worker.send(.check(token: try ServiceTokenText.make(), address: address), at: now)
                .header(.posternStatus)
        }
        for number in 0..<300 { #expect(try await send("2001:db8:0:1::\(number)") == "401") }
        #expect(try await send("2001:db8:0:1:ffff::1") == "429")
        for number in 0..<2100 { #expect(try await send("2001:db8:0:\(2 + number % 100)::1") == "401") }
        #expect(try await send("2001:db8:0:999::1") == "429")
        #expect(try await send("2001:db8:1:1::1") == "401")
    }

    @Test("ends at its second, also where it was looked up before")
    func expiry() async throws {
        let token = try issue(expires: now.wall + 3)
        for (seconds, status) in [(0, Status.ok), (2, .ok), (3, .unauthorized), (4, .unauthorized), (1, .ok)] {
            #expect(await worker.send(.me(token.text), at: later(seconds)).status == status, "\(seconds)")
        }
        #expect(reasons == ["expired", "expired"])
    }

    @Test("that is revoked is refused at the next request, and no other one is")
    func revoked() async throws {
        let (token, other) = (try issue(), try issue())
        for text in [token.text, other.text] { #expect(await worker.send(.me(text)).status == .ok) }
        #expect(try store.revoke(id: token.id))
        #expect(worker.resources.table.noteUserChange())
        #expect(await worker.send(.me(token.text)).status == .unauthorized)
        #expect(await worker.send(.check(token: token.text)).status == .unauthorized)
        #expect(await worker.send(.me(other.text)).status == .ok)
        #expect(reasons == ["revoked", "revoked"])
    }

    @Test("of a user who is disabled is refused; a changed password leaves it alone")
    func users() async throws {
        let token = try issue()
        try users.database.users.setPassword(of: anna, hash: TestUsers.hash)
        #expect(worker.resources.table.noteUserChange())
        #expect(await worker.send(.me(token.text)).status == .ok)
        try users.database.users.setActive(false, of: anna)
        #expect(worker.resources.table.noteUserChange())
        #expect(await worker.send(.me(token.text)).status == .unauthorized)
        #expect(reasons == ["inactive_user"])
    }

    @Test("is looked up once for a while, and each time while nobody can tell of changes")
    func remembered() async throws {
        let token = try issue()
        #expect(await worker.send(.me(token.text)).status == .ok)
        // Nobody notes it: what was looked up before is good for `user_cache`.
        #expect(try store.revoke(id: token.id))
        #expect(await worker.send(.me(token.text)).status == .ok)
        try worker.loseTable()
        #expect(await worker.send(.me(token.text)).status == .unauthorized)
    }

    @Test("is 503 while MariaDB is away, and refused where the table of tokens is missing")
    func database() async throws {
        let token = try issue()
        let away = try TestWorker()
        #expect(await away.send(.me(token.text)).status == .serviceUnavailable)
        #expect(await away.send(.check(token: token.text)).header(.posternStatus) == "503")
        // Text that cannot be a token asks nobody.
        #expect(await away.send(.me("postern_x")).status == .unauthorized)
        _ = try users.connection().execute("DROP TABLE service_tokens")
        #expect(await worker.send(.me(token.text)).status == .unauthorized)
        #expect(reasons == ["unknown_service_token"])
    }

    @Test("leaves the time and the place of its last use, at most once a minute")
    func lastUse() async throws {
        let token = try issue()
        #expect(try stored(token.id).lastUsedAt == nil)
        await worker.send(.me(token.text, address: "192.0.2.1"), at: now)
        #expect(waitUntil { (try? stored(token.id))?.lastUsedAt == now.wall })
        // MariaDB would take this one by its wall clock; the worker does not hand it on.
        await worker.send(
            .me(token.text, address: "192.0.2.2"), at: Moment(boot: later(59).boot, wall: later(90).wall))
        await worker.send(.me(token.text, address: "2001:db8::3"), at: later(60))
        #expect(waitUntil { (try? stored(token.id))?.lastUsedAt == now.wall + 60 })
        #expect(try stored(token.id).lastUsedAddress == "2001:db8::3")
        #expect(worker.resources.recorder.dropped == 0)
    }

    @Test("that is refused was not used")
    func refusedIsNoUse() async throws {
        let token = try issue(expires: now.wall + 1)
        #expect(await worker.send(.me(token.text), at: later(1)).status == .unauthorized)
        worker.resources.stop()
        #expect(try stored(token.id).lastUsedAt == nil)
    }

    @Test("is no secret of the settings: Basic and a cookie are no way for it")
    func otherWays() async throws {
        let token = try issue()
        for field in ["Basic \(token.text)", token.text, "Token \(token.text)"] {
            #expect(await worker.send(.test("GET", "/me", [("authorization", field)])).status == .unauthorized)
        }
        #expect(reasons.allSatisfy { $0 == "no_credential" })
    }
}

@Suite("Fingerprints")
struct FingerprintTests {
    @Test("Thirty-two bytes are kept as they are, and every one of them counts")
    func bytes() throws {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        let fingerprint = try #require(Fingerprint(bytes))
        #expect(fingerprint.bytes == bytes)
        #expect(fingerprint == Fingerprint(bytes))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(fingerprint != Fingerprint(other))
        }
        #expect(Fingerprint(Array(bytes.dropLast())) == nil && Fingerprint(bytes + [0]) == nil)
    }
}

import HTTP
import System
import TestKit
import Testing

@testable import Service

@Suite("What a worker tells of itself")
struct StatusTests {
    @Test("A time lies below the end of its step and not below the end of the one before, to a fifth")
    func scale() {
        for nanoseconds: UInt64 in [0, 1, 16_383, 16_384, 20_479, 20_480, 999_999, 1_000_000, 123_456_789, 1 << 29] {
            let step = DurationScale.step(of: nanoseconds)
            #expect(nanoseconds < DurationScale.end(of: step), "\(nanoseconds)")
            guard step > 0 else { continue }
            let start = DurationScale.end(of: step - 1)
            #expect(nanoseconds >= start, "\(nanoseconds)")
            #expect(DurationScale.end(of: step) - start <= start / 4, "\(nanoseconds)")
        }
        #expect(DurationScale.step(of: .max) == DurationScale.count - 1)
    }

    @Test("A percentile is a time that so many answers stayed below")
    func percentiles() throws {
        var counts = [Int](repeating: 0, count: DurationScale.count)
        #expect(DurationScale.percentile(0.5, of: counts) == nil)
        counts[DurationScale.step(of: 400_000)] = 98
        counts[DurationScale.step(of: 30_000_000)] = 2
        let middle = try #require(DurationScale.percentile(0.5, of: counts))
        let late = try #require(DurationScale.percentile(0.99, of: counts))
        #expect((400_000..<500_000).contains(middle))
        #expect((30_000_000..<37_500_000).contains(late))
    }

    @Test("Every answer is counted in its class, the late ones too, and a reload forgets none")
    func answers() async throws {
        let worker = try TestWorker()
        _ = await worker.send(.test("GET", "/healthz", address: "127.0.0.1"))
        _ = await worker.send(.me(nil))
        _ = await worker.send(.me(nil))
        _ = await worker.send(.test("GET", "/nowhere"))
        // No database: answered on another thread.
        _ = await worker.send(.login("anna@example.test", "a wrong password"))
        let totals = worker.resources.requestCounts.totals
        #expect(totals[.good] == 1)
        #expect(totals[.unauthorized] == 2)
        #expect(totals[.otherRefusal] == 1)
        #expect(totals[.failed] == 1)
        #expect(totals.all == 5)
        #expect(totals.steps.reduce(0, +) == 5)
    }

    @Test("Checks are counted by what the client is told, an Authorizer's too; other roles are no checks")
    func checks() async throws {
        let worker = try TestWorker {
            $0.limits.named["shut"] = RateLimit("2/minute", per: .address, whenAway: .closed)
        }
        let counts = { worker.resources.requestCounts.checks.classes }
        _ = await worker.send(.check())
        _ = await worker.send(.check("/scpe=ops"))
        _ = await worker.send(.denied("code=unauthorized"))
        _ = await worker.send(.me(nil))
        #expect(counts() == [0, 1, 1, 0, 0])
        var preflight = Request.check("/preflight")
        preflight.method = "OPTIONS"
        preflight.headers.append(name: "origin", value: "https://www.example.com")
        preflight.headers.append(name: "access-control-request-method", value: "GET")
        _ = await worker.send(preflight)
        // Not one of the three has a credential: 401, 401, 429.
        for _ in 0..<3 {
            var request = Request.check("/limit=shut")
            request.isAuthorizer = true
            _ = await worker.send(request)
        }
        _ = await worker.send(.check("/limit=shut"))
        #expect(counts() == [1, 3, 1, 2, 0])
        try worker.loseTable()
        _ = await worker.send(.check("/limit=shut"))
        #expect(counts() == [1, 3, 1, 2, 1])
        #expect(worker.resources.requestCounts.totals.all == 10)
    }

    @Test("Each status has its class")
    func classes() {
        #expect(AnswerClass(.seeOther) == .good)
        #expect(AnswerClass(.forbidden) == .forbidden)
        #expect(AnswerClass(.tooManyRequests) == .limited)
        #expect(AnswerClass(.contentTooLarge) == .otherRefusal)
        #expect(AnswerClass(.internalServerError) == .failed)
    }

    @Test("What was written is read again, and what a later release adds is passed over")
    func text() throws {
        var status = WorkerStatus()
        status.pid = 4212
        status.number = "2"
        status.release = "0.3.0"
        status.state = .notSound
        status.isDatabaseAway = true
        status.answers.classes = [6, 5, 4, 3, 2, 1]
        status.recent.steps[7] = 9
        status.checks.classes = [5, 4, 3, 2, 1]
        status.recentChecks.classes = [1, 2, 3, 4, 5]
        status.logins = LoginTotals(ok: 1, failed: 2, blocked: 3, busy: 4)
        #expect(WorkerStatus(text: status.text) == status)
        #expect(WorkerStatus(text: status.text + "later 1\n") == status)
    }

    @Test("Whose it is must stand in it", arguments: ["pid", "start_ticks", "written_boot"])
    func needed(name: String) {
        let lines = WorkerStatus().text.split(separator: "\n").filter { !$0.hasPrefix(name + " ") }
        #expect(WorkerStatus(text: lines.joined(separator: "\n")) == nil)
        #expect(WorkerStatus(text: "") == nil)
    }

    @Test("What the release before did not write has its default")
    func earlier() throws {
        let status = try #require(WorkerStatus(text: "pid 7\nstart_ticks 8\nwritten_boot 9\n"))
        #expect(status.pid == 7)
        #expect(status.state == .ready)
        #expect(status.answers == AnswerTotals())
    }

    @Test(
        "A value that is none makes no status",
        arguments: ["pid x", "pid -1", "state gone", "database_away 1", "answers 1 2 3", "answers 1 2 3 4 5 -6"])
    func damage(line: String) {
        let name = line.prefix { $0 != " " } + " "
        let lines = WorkerStatus().text.split(separator: "\n").map { $0.hasPrefix(name) ? line[...] : $0 }
        #expect(lines.contains(line[...]))
        #expect(WorkerStatus(text: lines.joined(separator: "\n")) == nil)
    }

    // MARK: The files

    private func settings(_ folder: TemporaryFolder) -> Settings {
        var settings = Settings()
        settings.service.ratesFile = folder.file("rates")
        return settings
    }

    @Test("It is written every two seconds and at each change of state, for this user alone, and goes at the end")
    func file() throws {
        let folder = try TemporaryFolder()
        let settings = settings(folder)
        let file = StatusFile(settings, number: "1")
        let start = Moment.now()
        var answers = AnswerTotals()
        func write(_ state: WorkerStatus.State, after milliseconds: Int) -> SystemError? {
            file.write(state, at: start.adding(milliseconds: milliseconds)) { $0.answers = answers }
        }
        let all = { try StatusFolder(settings).all() }

        #expect(write(.ready, after: 0) == nil)
        answers.classes[0] = 30
        answers.steps[5] = 30
        #expect(write(.ready, after: 1999) == nil)
        #expect(try all().first?.answers.all == 0)
        #expect(write(.ready, after: 2000) == nil)
        let status = try #require(try all().first)
        #expect(status.recent.all == 30)
        #expect(status.recentMilliseconds == 2000)
        #expect(RunningProcess.of(status.pid)?.startTicks == status.startTicks)
        #expect(try FileStatus.of(folder.file("worker-\(status.pid).status")).mode == 0o600)

        #expect(write(.draining, after: 2001) == nil)
        #expect(try all().first?.state == .draining)
        file.remove()
        #expect(try all().isEmpty)
    }

    @Test("The last seconds are no more than ten")
    func recent() throws {
        let folder = try TemporaryFolder()
        let settings = settings(folder)
        let file = StatusFile(settings, number: "1")
        let start = Moment.now()
        for second in 0..<30 {
            let error = file.write(.ready, at: start.adding(milliseconds: second * 2000)) {
                $0.answers.classes[0] = second
            }
            #expect(error == nil)
        }
        let status = try #require(try StatusFolder(settings).all().first)
        #expect(status.recentMilliseconds == 10_000)
        #expect(status.recent.all == 5)
    }

    @Test("A worker that was killed is counted by the next of its number, and by no other")
    func crash() throws {
        let folder = try TemporaryFolder()
        let settings = settings(folder)
        var killed = WorkerStatus()
        killed.pid = 1
        killed.number = "2"
        killed.crashes = 3
        killed.writtenWall = 1_700_000_000
        func leave() throws {
            try Files.replace(folder.file("worker-1.status"), with: Array(killed.text.utf8), mode: 0o600)
        }
        func start(_ number: String) throws -> WorkerStatus {
            let file = StatusFile(settings, number: number)
            #expect(file.write(.ready, at: .now()) { _ in } == nil)
            defer { file.remove() }
            return try #require(try StatusFolder(settings).all().first { $0.pid == Int(Environment.processID) })
        }
        try leave()
        #expect(try start("1").crashes == 0)
        #expect(try start("-").crashes == 0)
        let next = try start("2")
        #expect(next.crashes == 4)
        #expect(next.crashWall == 1_700_000_000)
        #expect(!Files.exists(folder.file("worker-1.status")))
        #expect(try start("2").crashes == 0)
    }

    @Test("A folder that takes no file is told once, until it takes one again")
    func failing() throws {
        let folder = try TemporaryFolder()
        var settings = settings(folder)
        settings.service.ratesFile = folder.file("later/rates")
        let file = StatusFile(settings, number: "1")
        let start = Moment.now()
        func write(_ number: Int) -> SystemError? {
            file.write(.ready, at: start.adding(milliseconds: number * 2000)) { _ in }
        }
        #expect(write(0) != nil)
        #expect(write(1) == nil)
        try Files.makeDirectory(folder.file("later"), mode: 0o700)
        #expect(write(2) == nil)
        #expect(Files.exists(folder.file("later/worker-\(Environment.processID).status")))
        file.remove()
        #expect(throws: SystemError.self) {
            try Files.remove(folder.file("later/worker-\(Environment.processID).status"))
        }
    }
}

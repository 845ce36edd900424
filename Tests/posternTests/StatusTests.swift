import RateWindows
import System
import Testing

@testable import Service
@testable import postern

@Suite("postern status")
struct StatusTests {
    private func write(_ place: TablePlace, pid: Int, _ change: (inout WorkerStatus) -> Void) throws {
        var status = WorkerStatus()
        status.pid = pid
        status.number = "1"
        status.startTicks = RunningProcess.of(pid)?.startTicks ?? 1
        status.startedWall = Int(place.now.wall) - 86_400 * 6
        status.writtenBoot = Int(place.now.boot)
        status.writtenWall = Int(place.now.wall) - 60
        change(&status)
        try Files.replace("\(place.folder)/worker-\(pid).status", with: Array(status.text.utf8), mode: 0o600)
    }

    private func glance(_ place: TablePlace, systemd: String? = nil) throws -> WorkersGlance {
        try WorkersGlance(place.settings, systemd: systemd, now: place.now)
    }

    private let own = Int(Environment.processID)
    /// No process has this number (proc(5), pid_max).
    private let none = 99_999_999

    @Test("A worker that lives and writes is ready")
    func ready() throws {
        let place = try TablePlace()
        try write(place, pid: own) { _ in }
        let line = try glance(place).line
        #expect(line.health == .well)
        #expect(line.head == "1 of 1 ready")
        #expect(line.detail.hasPrefix("1: ") && line.detail.hasSuffix(" MiB, 6 days"))
    }

    @Test("One that was killed, stands still, is silent or is missing is told, and the others still serve")
    func degraded() throws {
        let place = try TablePlace()
        try write(place, pid: own) { _ in }
        try write(place, pid: none) { $0.number = "2" }
        #expect(try glance(place).line.health == .degraded)
        #expect(try glance(place).line.detail.hasPrefix("2 was killed 60 s ago"))
        try Files.remove("\(place.folder)/worker-\(none).status")

        let wants = try TablePlace()
        for number in 1...2 {
            try Files.replace("\(wants.folder)/postern-worker@\(number).service", with: [], mode: 0o600)
        }
        let line = try glance(place, systemd: wants.folder).line
        #expect(line.head == "1 of 2 ready")
        #expect(line.detail.hasPrefix("2 does not run"))
        // Killed, and disabled since.
        try write(place, pid: none) { $0.number = "3" }
        let later = try glance(place, systemd: wants.folder).line
        #expect(later.head == line.head)
        #expect(later.detail.hasPrefix("2 does not run") && !later.detail.contains("was killed"))
    }

    @Test("No worker that serves is down")
    func down() throws {
        let place = try TablePlace()
        #expect(try glance(place).line.health == .down)
        #expect(try glance(place).line.head == "none runs")
        let bad: [(inout WorkerStatus) -> Void] = [
            { $0.state = .notSound }, { $0.state = .draining }, { $0.writtenBoot -= 11_000_000_000 },
            // Another process got the number.
            { $0.startTicks += 1 },
        ]
        for change in bad {
            try write(place, pid: own, change)
            #expect(try glance(place).line.health == .down)
        }
    }

    @Test("Requests of all workers are added, their times put together")
    func requests() throws {
        let place = try TablePlace()
        try write(place, pid: own) { status in
            status.recentMilliseconds = 2000
            status.recent.classes = [97, 2, 0, 1, 0, 0]
            status.recent.steps[20] = 100
            status.answers.classes = [1000, 20, 0, 10, 0, 5]
        }
        let line = try glance(place).requests
        #expect(line.head == "50/s")
        #expect(
            line.detail == "p50 0.5 ms   p99 0.5 ms   401 2.0 %   403 0.0 %   429 1.0 %   5xx 5 since the start")
    }

    @Test("Checks of all workers are added, by what clients were told; where there was none the line says so")
    func checks() throws {
        let place = try TablePlace()
        try write(place, pid: own) { $0.recentMilliseconds = 2000 }
        #expect(try glance(place).checks.detail == "none since the start")
        try write(place, pid: own) { status in
            status.recentMilliseconds = 2000
            status.recentChecks.classes = [970, 20, 4, 5, 1]
            status.checks.classes = [1000, 21, 5, 6, 2]
        }
        let line = try glance(place).checks
        #expect(line.head == "500/s")
        #expect(line.detail == "pass 97.0 %   401 2.0 %   403 0.4 %   429 0.5 %   503 0.1 %")
        let json = JSON.object(line.json).text
        #expect(json.contains(#""since_start":{"pass":1000,"401":21,"403":5,"429":6,"503":2}"#))
    }

    @Test("What is not well stands first, marked, and decides the exit status")
    func order() {
        let report = StatusReport(
            title: "postern",
            lines: [
                StatusLine(subject: "workers", head: "2 of 2 ready"),
                StatusLine(subject: "database", health: .degraded, head: "away", detail: "gone", hint: "cure"),
            ], events: [["10:41", "\u{1b}[2J"]], eventsJSON: [])
        #expect(report.health == .degraded)
        #expect(report.health.rawValue == 1)
        let lines = report.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[2] == "! database  away             gone                                  cure")
        #expect(lines[3] == "workers     2 of 2 ready")
        #expect(!report.text.contains("\u{1b}"))
        #expect(report.json.text.contains("\"state\":\"degraded\""))
    }

    @Test("Who may not look inside sees processes, and that this is all")
    func publicOnly() throws {
        let place = try TablePlace()
        #expect(StatusReport(publicOnly: place.settings, files: [], now: place.now).health == .down)
        try write(place, pid: own) { _ in }
        let report = StatusReport(publicOnly: place.settings, files: [], now: place.now)
        #expect(report.health == .well)
        #expect(report.text.contains("1 running"))
        #expect(report.text.contains("public only"))
    }

    @Test("A whole report without MariaDB is degraded and still shows the rest")
    func whole() throws {
        let place = try TablePlace()
        let workers = try place.workers()
        workers.count(LimitNumbers.search << 4, .refused)
        try write(place, pid: own) { _ in }
        let report = StatusReport(
            place.settings, files: ["/x/postern.toml", "/x/conf.d/1.toml"], UserNames(place.settings), systemd: nil,
            now: place.now)
        #expect(report.health == .degraded)
        #expect(report.title.contains("(postern.toml, conf.d/1.toml)"))
        let subjects = report.lines.map(\.subject)
        #expect(
            subjects == ["workers", "requests", "checks", "logins", "database", "keys", "limits", "banned", "refused"])
        #expect(report.text.contains("refused     1                search 1 since the table was made"))
        #expect(report.text.contains("? by hand, 0 for failed logins"))
    }

    @Test("A part of the rate table that is full is named, and what found no place in it, also by check")
    func fullPart() throws {
        let place = try TablePlace()
        let (workers, now) = (try place.workers(), place.now.boot)
        #expect(TableGlance.lines(place.settings, byHand: nil, now: place.now)[0].detail == "0 of 4,116")
        let seen = try #require(Rule(number: 1, limit: 1, window: 3_600_000_000_000))
        for number in 0..<5000 {
            workers.mark(
                try #require(workers.guess(email: "\(number)".utf8, password: [], storedHash: [])), under: seen, at: now
            )
        }
        let line = TableGlance.lines(place.settings, byHand: nil, now: place.now)[0]
        #expect(line.head == "12.6 % full")
        #expect(
            line.detail == "518 of 4,116 · marks 100.0 % full · 4,482 pauses, bans and wrong passwords found no place")
        let json = JSON.object(line.json).text
        #expect(json.contains(#""names":{"used":0,"capacity":518},"marks":{"used":518,"capacity":518}"#))
        #expect(json.contains(#""marks_lost":4482"#))
        let finding = TableLook.finding(place.settings)
        #expect(
            finding.state == .warn && finding.detail.contains("4482 pauses, bans and wrong passwords found no place"))
    }

    @Test("What the table refused for its own sake is there for programs")
    func refusedForTheTable() throws {
        let place = try TablePlace()
        let (workers, now) = (try place.workers(), place.now.boot)
        let second: UInt64 = 1_000_000_000
        let rule = try #require(Rule(number: 1, limit: 28, window: 60 * second))
        // A late clock reading, of whose window the table has forgotten the beginning.
        for time in Array(stride(from: now - 90 * second, to: now, by: 3_000_000_000)) + [now - 90 * second] {
            _ = workers.decide(Charge(rule: rule, key: .user(high: 1, low: 2)), at: time)
        }
        let line = TableGlance.lines(place.settings, byHand: nil, now: place.now)[0]
        let json = JSON.object(line.json).text
        #expect(json.contains(#""refused_crowded":0,"refused_stale":1,"refused_contended":0"#))
    }

    @Test("Figures and times are short")
    func figures() {
        #expect([0, 12, 1204, 655_360, 1_000_000].map(Figure.grouped) == ["0", "12", "1,204", "655,360", "1,000,000"])
        #expect(Figure.percent(7812, of: 655_360) == "1.2 %")
        #expect(Figure.percent(0, of: 0) == "0.0 %")
        #expect(Figure.milliseconds(449_000) == "0.4 ms")
        #expect(Figure.milliseconds(262_000_000) == "262 ms")
        #expect(TimeSpan.left(1) == "1 s")
        #expect(TimeSpan.left(99_000_000_000) == "99 s")
        #expect(TimeSpan.left(100_000_000_000) == "2 min")
        #expect(TimeSpan.left(7_200_000_000_000) == "2 h")
        #expect(TimeSpan.past(seconds: 86_400 * 12 + 5) == "12 days")
        #expect(TimeSpan.window(60_000_000_000) == "1m")
        #expect(TimeSpan.window(90_000_000_000) == "90s")
    }
}

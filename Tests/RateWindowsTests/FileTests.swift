import Glibc
import RateWindows
import System
import Testing

@Suite("The table's file")
struct FileTests {
    private let login = rule(3, in: minute)

    private func spend(_ table: Table, at now: UInt64) {
        while table.admits(login, user(1), at: now) {}
    }

    @Test("Is made with mode 0600 and its whole size, whatever the umask")
    func made() throws {
        let scratch = try Scratch()
        let table = try scratch.table()
        let status = try FileStatus.of(scratch.path)
        #expect(status.mode == 0o600)
        #expect(status.size == table.statistics()?.bytes)
        var buffer = stat()
        #expect(unsafe stat(scratch.path, &buffer) == 0)
        #expect(Int(buffer.st_blocks) * 512 >= status.size)
    }

    @Test("Counts survive when every process goes and another comes")
    func survives() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        spend(try scratch.table(clock: clock), at: clock.now)
        #expect(try !scratch.table(clock: clock).admits(login, user(1), at: clock.now))
    }

    @Test("Two that open at once agree on one file", arguments: 0..<20)
    func together(_ round: Int) throws {
        let scratch = try Scratch()
        try onThreads(4) { _ in
            do {
                spend(try scratch.table(capacity: 64), at: Moment.now().boot)
            } catch {
                Issue.record(error)
            }
        }
        let left = try scratch.table(capacity: 64).standing(of: user(1), under: login, at: Moment.now().boot)
        #expect(left?.remaining == 0)
    }

    @Test("A symbolic link, another kind of file, another mode, a second name: refused, with the cure")
    func foreign() throws {
        for make: (Scratch) throws -> Void in [
            { unsafe _ = symlink($0.folder + "/elsewhere", $0.path) },
            { unsafe _ = mkdir($0.path, 0o700) },
            { unsafe _ = mkfifo($0.path, 0o600) },
            { scratch in
                _ = try scratch.table(capacity: 64)
                unsafe _ = chmod(scratch.path, 0o640)
            },
            { scratch in
                _ = try scratch.table(capacity: 64)
                unsafe _ = link(scratch.path, scratch.folder + "/elsewhere")
            },
        ] {
            let scratch = try Scratch()
            try make(scratch)
            let error = #expect(throws: RateError.self) { try scratch.table(capacity: 64) }
            #expect(error?.code == .foreignFile)
            #expect(error?.description.contains("Cure: ") == true)
        }
    }

    @Test("Another user's file is refused, and a table for another user is not made")
    func owners() throws {
        let scratch = try Scratch()
        #expect(throws: RateError.self) { try Table.open(path: scratch.path, capacity: 64, owner: geteuid() + 1) }
        _ = try scratch.table(capacity: 64)
        let error = #expect(throws: RateError.self) {
            try Table.open(path: scratch.path, capacity: 64, owner: geteuid() + 1)
        }
        #expect(error?.code == .foreignFile)
    }

    @Test(
        "Another layout, another boot, another capacity, a cut or an empty file is replaced, not misread",
        arguments: [8, 40, 16, 0])
    func replaced(_ offset: off_t) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        spend(try scratch.table(clock: clock), at: clock.now)
        let file = try FileDescriptor.open(scratch.path, O_RDWR)
        var word: UInt64 = 77
        #expect(unsafe pwrite(file.rawValue, &word, 8, offset) == 8)
        #expect(try scratch.table(clock: clock).admits(login, user(1), at: clock.now))
    }

    @Test("A table of layout 1, as the release before wrote it, is replaced; the command only says so")
    func layoutBefore() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        spend(try scratch.table(clock: clock), at: clock.now)
        let file = try FileDescriptor.open(scratch.path, O_RDWR)
        var version: UInt64 = 0
        #expect(unsafe pread(file.rawValue, &version, 8, 8) == 8)
        #expect(version == 2)
        version = 1
        #expect(unsafe pwrite(file.rawValue, &version, 8, 8) == 8)
        let error = #expect(throws: RateError.self) {
            try Table.openExisting(path: scratch.path, owner: geteuid())
        }
        #expect(error?.code == .unusable && error?.reason == "another layout")
        #expect(try scratch.table(clock: clock).admits(login, user(1), at: clock.now))
    }

    @Test("The wall clock a year back or forward changes nothing: windows are cut by the boot clock alone")
    func wallClock() throws {
        let scratch = try Scratch()
        let table = try scratch.table()
        var boot = timespec()
        let before = Moment.now()
        unsafe clock_gettime(CLOCK_BOOTTIME, &boot)
        let after = Moment.now()
        let time = UInt64(boot.tv_sec) * second + UInt64(boot.tv_nsec)
        #expect((before.boot...after.boot).contains(time))
        let year: Int64 = 365 * 86_400
        var moment = Moment.now()
        for (wall, isAdmitted) in [(0, true), (year, true), (-2 * year, true), (year, false), (5 * year, false)] {
            moment.wall += wall
            #expect(table.admits(login, user(1), at: moment.boot) == isAdmitted)
        }
    }

    @Test("A file of another size is replaced", arguments: [0, 100, 4096, 100_000])
    func cut(_ size: off_t) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        spend(try scratch.table(clock: clock), at: clock.now)
        #expect(unsafe truncate(scratch.path, size) == 0)
        #expect(try scratch.table(clock: clock).admits(login, user(1), at: clock.now))
        #expect(try scratch.table(capacity: 128, clock: clock).statistics()?.capacity == 128)
    }

    @Test("A folder that is not there, a capacity out of range: an error that says so")
    func errors() {
        let error = #expect(throws: RateError.self) {
            try Table.open(path: "/dev/shm/no/such/folder/rates", owner: geteuid())
        }
        #expect(error?.system?.errno == ENOENT)
        for capacity in [0, 63, 100_000_000] {
            #expect(throws: RateError.self) {
                try Table.open(path: "/dev/shm/never-made", capacity: capacity, owner: geteuid())
            }
        }
    }

    @Test("A disk without room is an error at the start and leaves nothing behind")
    func full() throws {
        let scratch = try Scratch()
        // A limit of the process stands for the full disk: posix_fallocate(3) fails the same way for both.
        var old = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
        signal(SIGXFSZ, SIG_IGN)
        defer { signal(SIGXFSZ, SIG_DFL) }
        var small = rlimit(rlim_cur: 4_000_000_000, rlim_max: old.rlim_max)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &small)
        defer { unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old) }
        let error = #expect(throws: RateError.self) {
            try Table.open(path: scratch.path, capacity: 16_000_000, owner: geteuid())
        }
        #expect(error?.system?.operation.contains("allocate") == true)
        #expect(unsafe access(scratch.path, F_OK) != 0)
        #expect(unsafe access(scratch.path + ".new", F_OK) != 0)
    }

    @Test("What a killed maker left under the temporary name is in nobody's way")
    func leftover() throws {
        let scratch = try Scratch()
        _ = try FileDescriptor.open(scratch.path + ".new", O_WRONLY | O_CREAT, mode: 0o644)
        #expect(try scratch.table(capacity: 64).admits(login, user(1), at: Moment.now().boot))
    }
}

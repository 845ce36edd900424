import Glibc
import RateWindows
import Synchronization
import System
import Testing

@Suite("A table that is changed while it is mapped")
struct DamageTests {
    private let login = rule(3, in: minute)

    private func spend(_ table: Table, at now: UInt64) {
        while table.admits(login, user(1), at: now) {}
    }

    private func identity(_ path: String) throws -> UInt64 { try FileStatus.of(path).inode }

    @Test("Truncated: no crash, unavailable at most until the next inspection, then a new table")
    func truncated() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let (before, generation) = (try identity(scratch.path), table.generation)
        spend(table, at: clock.now)
        #expect(unsafe truncate(scratch.path, 0) == 0)
        // Touches the cut memory: the decision is made on a new file, or said to be unavailable; never a crash.
        let decision = table.decide(Charge(rule: login, key: user(1)), at: clock.now)
        if case .refused = decision { Issue.record("decided by a file that is gone") }
        clock.advance(200 * millisecond)
        #expect(table.admits(login, user(1), at: clock.now))
        #expect(try identity(scratch.path) != before)
        #expect(table.generation != generation)
        #expect(try scratch.table(clock: clock).standing(of: user(1), under: login, at: clock.now)?.remaining != 3)
    }

    @Test("Truncated under eight threads: no crash, and all go on")
    func truncatedUnderLoad() throws {
        let scratch = try Scratch()
        let table = try scratch.table(capacity: 1024)
        let answered = Atomic<Int>(0)
        let end = Moment.now().boot + second
        try onThreads(8) { thread in
            while Moment.now().boot < end {
                if thread == 0 {
                    unsafe _ = truncate(scratch.path, off_t.random(in: 0...100_000))
                    usleep(20_000)
                } else if case .unavailable = table.decide(
                    Charge(rule: login, key: user(UInt64.random(in: 0..<100))), at: Moment.now().boot)
                {
                    continue
                } else {
                    answered.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        #expect(answered.load(ordering: .relaxed) > 1000)
        table.inspect()
        #expect(table.generation != nil)
        // A thread that was late to the handler has not taken the next truncation's away.
        var action = sigaction()
        #expect(unsafe sigaction(SIGBUS, nil, &action) == 0)
        #expect(action.sa_flags & SA_SIGINFO != 0)
    }

    @Test(
        "Zeroed or filled with random bytes: seen at the next inspection, replaced, and no crash before",
        arguments: [true, false])
    func overwritten(_ isRandom: Bool) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 256, clock: clock)
        spend(table, at: clock.now)
        let before = try identity(scratch.path)
        try overwrite(scratch.path, from: 0) { isRandom ? UInt8.random(in: 0...255) : 0 }
        for key in 0..<500 as Range<UInt64> { _ = table.admits(login, user(key), at: clock.now) }
        clock.advance(200 * millisecond)
        #expect(table.admits(login, user(1), at: clock.now))
        #expect(try identity(scratch.path) != before)
    }

    @Test(
        "Random bytes behind an intact header: no crash, no hang, and after two windows all counts are right again",
        arguments: 0..<20)
    func garbage(_ round: Int) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(capacity: 64, clock: clock)
        try overwrite(scratch.path, from: 4096) { UInt8.random(in: 0...255) }
        let rules = [login, rule(40, in: minute, number: 2)]
        for key in 0..<200 as Range<UInt64> {
            for rule in rules {
                #expect((0..<100).count { _ in table.admits(rule, user(key), at: clock.now) } <= Int(rule.limit))
            }
        }
        // Damaged entries are limits nobody knows, of 30 days at most.
        for _ in 0..<2 { clock.advance(40 * day) }
        for rule in rules {
            #expect((0..<100).count { _ in table.admits(rule, user(1), at: clock.now) } == Int(rule.limit))
        }
    }

    private func overwrite(_ path: String, from offset: Int, _ byte: () -> UInt8) throws {
        let file = try FileDescriptor.open(path, O_WRONLY)
        let bytes = try (offset..<FileStatus.of(path).size).map { _ in byte() }
        let count = unsafe bytes.withUnsafeBytes {
            unsafe pwrite(file.rawValue, $0.baseAddress, $0.count, off_t(offset))
        }
        #expect(count == bytes.count)
    }

    @Test("Unlinked: the counts go into a new file that later processes find")
    func unlinked() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let (first, second) = (try scratch.table(clock: clock), try scratch.table(clock: clock))
        spend(first, at: clock.now)
        #expect(unsafe unlink(scratch.path) == 0)
        first.inspect()
        for table in [first, second, try scratch.table(clock: clock)] {
            #expect(!table.admits(login, user(1), at: clock.now))
            #expect(table.admits(login, user(2), at: clock.now))
        }
        #expect(!first.admits(login, user(2), at: clock.now))
    }

    @Test("A place charged in the old file can be given back in the new one")
    func receiptAcross() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        guard
            case .admitted(_, let place) = table.decide(
                Charge(rule: login, key: user(1), returnable: true), at: clock.now)
        else {
            Issue.record("refused")
            return
        }
        #expect(unsafe unlink(scratch.path) == 0)
        table.inspect()
        #expect(table.standing(of: user(1), under: login, at: clock.now)?.remaining == 2)
        table.giveBack(place)
        #expect(table.standing(of: user(1), under: login, at: clock.now)?.remaining == 3)
    }

    @Test("Unlinked again and again under six threads, no window holds more than N", arguments: [5, 60] as [UInt32])
    func unlinkedUnderLoad(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let (first, other) = (try scratch.table(capacity: 256), try scratch.table(capacity: 256))
        let rule = rule(limit, in: second)
        let admissions = Mutex<[UInt64]>([])
        let end = Moment.now().boot + 2 * second
        try onThreads(6) { thread in
            var mine: [UInt64] = []
            let table = thread % 2 == 0 ? first : other
            while Moment.now().boot < end {
                if thread == 0 {
                    unsafe _ = unlink(scratch.path)
                    table.inspect()
                    // The other process's threads have to have seen it before the next file goes as well.
                    _ = other.generation
                    usleep(5000)
                } else {
                    let now = Moment.now().boot
                    if table.admits(rule, user(1), at: now) { mine.append(now) }
                }
            }
            admissions.withLock { $0 += mine }
        }
        let times = admissions.withLock { $0 }
        #expect(mostInWindow(times, second) == Int(limit))
    }

    @Test("Something foreign in its place: those that run go on together, and say so")
    func foreign() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        spend(table, at: clock.now)
        #expect(unsafe rename(scratch.path, scratch.folder + "/moved") == 0)
        #expect(unsafe symlink(scratch.folder + "/moved", scratch.path) == 0)
        clock.advance(200 * millisecond)
        #expect(!table.admits(login, user(1), at: clock.now))
        #expect(table.failure?.code == .foreignFile)
    }

    @Test("Another valid table in its place is taken over")
    func otherTable() throws {
        let (scratch, other, clock) = (try Scratch(), try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        spend(table, at: clock.now)
        do { _ = try other.table(capacity: 128) }
        #expect(unsafe rename(other.path, scratch.path) == 0)
        clock.advance(200 * millisecond)
        #expect(table.admits(login, user(1), at: clock.now))
        #expect(table.statistics()?.capacity == 128)
        #expect(table.failure == nil)
    }
}

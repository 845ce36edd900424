import Glibc
import RateWindows
import System
import Testing

@Suite("The header of the table's file")
struct HeaderTests {
    private let login = rule(3, in: minute)
    /// What is written when a file is made and never again, and the word that says "another file took over".
    private static let constants = Array(0...10)
    private static let superseded = 24
    /// Up to the counts of each limit.
    private static let others = Array(11..<24) + Array(25..<64)

    private func spend(_ table: Table, at now: UInt64) {
        while table.admits(login, user(1), at: now) {}
    }

    private func inode(_ scratch: Scratch) throws -> UInt64 { try FileStatus.of(scratch.path).inode }

    private func set(_ word: Int, to value: UInt64, in scratch: Scratch) throws {
        let file = try FileDescriptor.open(scratch.path, O_WRONLY)
        var value = value
        #expect(unsafe pwrite(file.rawValue, &value, 8, off_t(8 * word)) == 8)
    }

    @Test("Any constant word that was damaged has the file replaced at the start", arguments: constants)
    func atOpen(_ word: Int) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        spend(try scratch.table(clock: clock), at: clock.now)
        let before = try inode(scratch)
        try set(word, to: 77, in: scratch)
        #expect(try scratch.table(clock: clock).admits(login, user(1), at: clock.now))
        #expect(try inode(scratch) != before)
    }

    @Test("Any constant word that is damaged while workers run has them move to one new file", arguments: constants)
    func underWay(_ word: Int) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let tables = [try scratch.table(clock: clock), try scratch.table(clock: clock)]
        for table in tables { spend(table, at: clock.now) }
        let before = try inode(scratch)
        try set(word, to: 77, in: scratch)
        clock.advance(200 * millisecond)
        for _ in 0..<3 { #expect(tables[0].admits(login, user(1), at: clock.now)) }
        #expect(!tables[1].admits(login, user(1), at: clock.now))
        #expect(try inode(scratch) != before)
        #expect(tables[0].generation == tables[1].generation)
    }

    @Test("A word that says another file took over costs no decision and no count", arguments: [1, 77, UInt64.max])
    func superseded(_ value: UInt64) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let tables = [try scratch.table(clock: clock), try scratch.table(clock: clock)]
        #expect(tables[0].admits(login, user(1), at: clock.now))
        let before = try inode(scratch)
        try set(HeaderTests.superseded, to: value, in: scratch)
        #expect(tables[0].admits(login, user(1), at: clock.now))
        #expect(tables[1].admits(login, user(1), at: clock.now))
        for table in tables { #expect(!table.admits(login, user(1), at: clock.now)) }
        #expect(try inode(scratch) != before)
        #expect(tables[0].generation == tables[1].generation)
    }

    @Test("At the start such a file is replaced; the command only says so")
    func supersededAtOpen() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        spend(try scratch.table(clock: clock), at: clock.now)
        try set(HeaderTests.superseded, to: 1, in: scratch)
        let error = #expect(throws: RateError.self) { try Table.openExisting(path: scratch.path, owner: geteuid()) }
        #expect(error?.code == .unusable)
        #expect(try scratch.table(clock: clock).admits(login, user(1), at: clock.now))
    }

    @Test("Where such a file cannot be replaced it is tried once in 100 ms, not with every decision")
    func notAgainAtOnce() throws {
        let (scratch, other) = (try Scratch(), try Scratch())
        _ = try scratch.table(capacity: 64)
        _ = try other.table(capacity: 64)
        // One that makes no file.
        let table = try #require(try Table.openExisting(path: scratch.path, owner: geteuid()))
        try set(HeaderTests.superseded, to: 1, in: scratch)
        let start = Moment.now().boot
        #expect(table.generation == nil && table.failure?.code == .unusable)
        #expect(unsafe rename(other.path, scratch.path) == 0)
        while table.generation == nil { sched_yield() }
        #expect(Moment.now().boot - start >= 100 * millisecond)
    }

    @Test("Renamed away and back: the counts stay, in a file that all share")
    func awayAndBack() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let tables = [try scratch.table(clock: clock), try scratch.table(clock: clock)]
        #expect(tables[0].admits(login, user(1), at: clock.now))
        let first = try inode(scratch)
        #expect(unsafe rename(scratch.path, scratch.folder + "/moved") == 0)
        clock.advance(200 * millisecond)
        #expect(tables[0].admits(login, user(1), at: clock.now))
        let before = try inode(scratch)
        #expect(tables[1].admits(login, user(1), at: clock.now))
        #expect(unsafe rename(scratch.folder + "/moved", scratch.path) == 0)
        for table in tables {
            clock.advance(200 * millisecond)
            #expect(table.standing(of: user(1), under: login, at: clock.now)?.remaining == 0)
            #expect(table.failure == nil)
        }
        #expect(try ![first, before].contains(inode(scratch)))
        #expect(try scratch.table(clock: clock).standing(of: user(1), under: login, at: clock.now)?.remaining == 0)
    }

    @Test("Every other word may be damaged: nothing is refused or lost for it", arguments: others)
    func harmless(_ word: Int) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        #expect(table.admits(login, user(1), at: clock.now))
        let before = try inode(scratch)
        try set(word, to: .max, in: scratch)
        clock.advance(200 * millisecond)
        #expect(table.standing(of: user(1), under: login, at: clock.now)?.remaining == 2)
        #expect(try scratch.table(clock: clock).standing(of: user(1), under: login, at: clock.now)?.remaining == 2)
        #expect(try inode(scratch) == before)
    }

    @Test("A file without a seal, as 0.2.0 made it, is used with its counts")
    func withoutSeal() throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        spend(try scratch.table(clock: clock), at: clock.now)
        try set(HeaderTests.constants.last!, to: 0, in: scratch)
        #expect(try !scratch.table(clock: clock).admits(login, user(1), at: clock.now))
    }
}

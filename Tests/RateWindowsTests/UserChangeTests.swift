import Glibc
import RateWindows
import Testing

@Suite("The user-change counter")
struct UserChangeTests {
    @Test("Moves for every process that maps the table, and only when it is told to")
    func moves() throws {
        let scratch = try Scratch()
        let (one, other) = (try scratch.table(capacity: 64), try scratch.table(capacity: 64))
        let before = try #require(one.generation)
        #expect(other.generation == before)
        #expect(one.generation == before)
        other.noteUserChange()
        #expect(one.generation != before)
        #expect(one.generation == other.generation)
    }

    @Test("A new file is another generation even when the counter is the same")
    func newFile() throws {
        let scratch = try Scratch()
        let table = try scratch.table(capacity: 64)
        let before = try #require(table.generation)
        #expect(unsafe unlink(scratch.path) == 0)
        table.inspect()
        #expect(try #require(table.generation) != before)
    }

    @Test("While the table cannot be read there is no generation")
    func unavailable() throws {
        let scratch = try Scratch()
        let table = try scratch.table(capacity: 64)
        #expect(unsafe truncate(scratch.path, 0) == 0)
        // Nothing usable, and nothing that we may replace.
        #expect(unsafe unlink(scratch.path) == 0)
        #expect(unsafe mkdir(scratch.path, 0o700) == 0)
        #expect(table.generation == nil)
        #expect(table.failure?.code == .foreignFile)
        guard case .unavailable = table.decide(Charge(rule: rule(1, in: minute), key: user(1)), at: 1) else {
            Issue.record("decided without a table")
            return
        }
    }
}

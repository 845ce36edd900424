import Glibc
import RateWindows
import System
import Testing

@Suite("What limits refused")
struct LimitCountTests {
    @Test("Is counted by limit, whatever window of it, over all processes")
    func counted() throws {
        let scratch = try Scratch()
        let (one, other) = (try scratch.table(capacity: 64), try scratch.table(capacity: 64))
        #expect(one.limitCounts() == [])
        one.count(1 * 16, .refused)
        other.count(1 * 16 + 3, .refused)
        other.count(2 * 16, .wouldRefuse)
        one.count((256 + 0xf_ffff) * 16, .refused)
        let expected = [
            LimitCounts(limit: 1, refused: 2, wouldRefuse: 0), LimitCounts(limit: 2, refused: 0, wouldRefuse: 1),
            LimitCounts(limit: 256 + 0xf_ffff, refused: 1, wouldRefuse: 0),
        ]
        #expect(one.limitCounts() == expected)
        #expect(other.limitCounts() == expected)
    }

    @Test("From four threads and for more limits than have places, none is lost")
    func many() throws {
        let scratch = try Scratch()
        let table = try scratch.table(capacity: 64)
        try onThreads(4) { _ in
            for limit in 1...200 as ClosedRange<UInt32> {
                for _ in 0..<50 { table.count(limit * 16, .refused) }
            }
        }
        let counts = try #require(table.limitCounts())
        #expect(counts.map(\.refused).reduce(0, +) == 4 * 200 * 50)
        #expect(counts.count == 112)
        #expect(counts.filter { $0.limit != 0 }.allSatisfy { $0.refused == 200 })
        #expect(counts.first?.limit == 0)
    }

    @Test("Moves along to a new file")
    func newFile() throws {
        let scratch = try Scratch()
        let table = try scratch.table(capacity: 64)
        table.count(16, .refused)
        #expect(unsafe unlink(scratch.path) == 0)
        table.inspect()
        #expect(table.limitCounts() == [LimitCounts(limit: 1, refused: 1, wouldRefuse: 0)])
    }
}

import Testing

@testable import System

@Suite("Counts that every request moves")
struct ThreadCountsTests {
    @Test("No addition is lost, also where more threads count than there are rows")
    func threads() throws {
        let counts = ThreadCounts(9)
        let threads = try (0..<100).map { number in
            try Threads.start("count-\(number)") {
                for step in 0..<900 { counts.add(step % 9) }
            }
        }
        for thread in threads { thread.join() }
        #expect(counts.totals == [Int](repeating: 10_000, count: 9))
    }

    @Test("A process is known while it runs, by its number and its start")
    func process() throws {
        let own = try #require(RunningProcess.of(Int(Environment.processID)))
        #expect(own.startTicks > 0)
        #expect(own.residentKiB > 100)
        #expect(RunningProcess.of(0) == nil)
        #expect(RunningProcess.of(Int(Int32.max)) == nil)
    }
}

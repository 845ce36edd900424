import RateWindows
import Synchronization
import System
import Testing

@Suite("Many threads on one key")
struct ThreadTests {
    @Test("Of 300 requests at once exactly N pass", arguments: [1, 20, 27, 28, 100] as [UInt32])
    func threeHundred(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let table = try scratch.table()
        for round in 0..<20 as Range<UInt64> {
            let admitted = Atomic<Int>(0)
            // Half of the threads through a mapping of their own, as another process has it.
            let other = try scratch.table()
            try onThreads(6) { thread in
                let table = thread % 2 == 0 ? table : other
                for _ in 0..<50 where table.admits(rule(limit, in: minute), user(round), at: Moment.now().boot) {
                    admitted.wrappingAdd(1, ordering: .relaxed)
                }
            }
            #expect(admitted.load(ordering: .relaxed) == Int(limit))
        }
    }

    @Test("Over many windows none holds more than N", arguments: [2, 27, 200] as [UInt32])
    func manyWindows(_ limit: UInt32) throws {
        let (scratch, clock) = (try Scratch(), TestClock())
        let table = try scratch.table(clock: clock)
        let admissions = Mutex<[UInt64]>([])
        try onThreads(4) { thread in
            var random = Repeatable(seed: UInt64(thread) + 3)
            var mine: [UInt64] = []
            for _ in 0..<10_000 {
                // Each thread's reading is late by up to an eighth of the window: the clock goes back between them.
                let now = clock.now - UInt64.random(in: 0...(second / 8), using: &random)
                if table.admits(rule(limit, in: second), user(1), at: now) { mine.append(now) }
                clock.advance(UInt64.random(in: 0...(second / 500), using: &random))
            }
            admissions.withLock { $0 += mine }
        }
        let times = admissions.withLock { $0 }
        #expect(mostInWindow(times, second) == Int(limit))
    }
}

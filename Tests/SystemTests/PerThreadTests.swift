import Synchronization
import System
import Testing

@Suite struct PerThreadTests {
    @Test("Each thread changes a copy of its own")
    func ownCopies() throws {
        let counts = PerThread { 0 }
        let seen = Mutex<[Int]>([])
        let threads = try (0..<8).map { number in
            try Threads.start("count-\(number)") {
                for _ in 0..<1000 { counts.withValue { $0 += 1 } }
                let mine = counts.withValue { $0 }
                seen.withLock { $0.append(mine) }
            }
        }
        for thread in threads { thread.join() }
        // Two threads may share a copy, but no count is lost and none is seen twice.
        #expect(seen.withLock { $0.allSatisfy { $0 >= 1000 && $0 <= 8000 } })
    }

    @Test("A replaced value is every thread's next one")
    func replaced() throws {
        let value = PerThread { "old" }
        #expect(value.withValue { $0 } == "old")
        value.replace("new")
        let seen = Mutex("")
        try Threads.start("look") { seen.withLock { $0 = value.withValue { $0 } } }.join()
        #expect(seen.withLock { $0 } == "new")
        #expect(value.withValue { $0 } == "new")
    }
}

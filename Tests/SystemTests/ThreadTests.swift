import Glibc
import Synchronization
import Testing

@testable import System

@Suite("Threads")
struct ThreadTests {
    @Test("A nice thread stays as nice, and alone, when it takes long slices")
    func niceness() throws {
        let seen = Mutex<[Int32]>([])
        @Sendable func note() {
            let niceness = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
            seen.withLock { $0.append(niceness) }
        }
        let taken = Mutex(false)
        let nice = try Threads.start("nice", niceness: 10) {
            note()
            taken.withLock { $0 = LongSlice.take(niceness: 10) }
            note()
        }
        nice.join()
        try Threads.start("other") { note() }.join()
        let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        #expect(seen.withLock { $0 } == [10, 10, own])
        #expect(taken.withLock { $0 }, "the kernel or a sandbox refuses sched_setattr")
    }
}

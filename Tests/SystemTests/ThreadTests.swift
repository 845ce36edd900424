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
        let nice = try Threads.start("nice", for: .calculating(niceness: 10)) {
            note()
            taken.withLock { $0 = Scheduling.nice(10).take() }
            note()
        }
        nice.join()
        try Threads.start("other") { note() }.join()
        let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        #expect(seen.withLock { $0 } == [10, 10, own])
        #expect(taken.withLock { $0 }, "the kernel or a sandbox refuses sched_setattr")
    }

    private static let batchPolicy: Int32 = 3

    /// Policy and niceness of the calling thread.
    static var standing: [Int32] {
        [sched_getscheduler(0), getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)]
    }

    @Test("A thread that answers interrupts nobody, and is as nice as before")
    func answering() throws {
        let seen = Mutex<[Int32]>([])
        try Threads.start("fast", for: .answering) { seen.withLock { $0 = ThreadTests.standing } }.join()
        #expect(seen.withLock { $0 } == [ThreadTests.batchPolicy, ThreadTests.standing[1]])
    }
}

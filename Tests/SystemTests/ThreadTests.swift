import Glibc
import Synchronization
import Testing

@testable import System

@Suite("Threads")
struct ThreadTests {
    @Test("A thread that calculates is nice, and alone")
    func niceness() throws {
        let own = ThreadTests.standing
        let seen = Mutex<[[Int32]]>([])
        @Sendable func note() { seen.withLock { $0.append(ThreadTests.standing) } }
        try Threads.start("nice", for: .calculating(niceness: 10)) { note() }.join()
        try Threads.start("other") { note() }.join()
        #expect(seen.withLock { $0 } == [[SCHED_OTHER, 10], own])
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

import Glibc
import Synchronization
import Testing

@testable import System

@Suite("Threads")
struct ThreadTests {
    private static let batchPolicy: Int32 = 3

    @Test("A thread that answers wakes without interrupting, but interrupts while a calculation is under way")
    func answering() throws {
        let seen = Mutex<[Int32]>([])
        @Sendable func note() { seen.withLock { $0.append(sched_getscheduler(0)) } }
        try Threads.start("fast", for: .answering) {
            note()
            AnsweringThreads.giveWay {
                note()
                AnsweringThreads.giveWay { note() }
                note()
            }
            note()
        }.join()
        #expect(
            seen.withLock { $0 }
                == [ThreadTests.batchPolicy, SCHED_OTHER, SCHED_OTHER, SCHED_OTHER, ThreadTests.batchPolicy])
    }

    @Test("One that starts while a calculation is under way interrupts too, and other threads are as they were")
    func others() throws {
        let own = sched_getscheduler(0)
        let seen = Mutex<[Int32]>([])
        try AnsweringThreads.giveWay { () throws(SystemError) in
            try Threads.start("fast", for: .answering) { seen.withLock { $0.append(sched_getscheduler(0)) } }.join()
        }
        try Threads.start("other") { seen.withLock { $0.append(sched_getscheduler(0)) } }.join()
        #expect(seen.withLock { $0 } == [SCHED_OTHER, own])
    }
}

import Glibc
import Synchronization
import Testing

@testable import System

/// One at a time: what raises a calculation raises that of any thread.
@Suite("Calculations in the background", .serialized)
struct BackgroundTests {
    private static let idlePolicy: Int32 = 5

    @Test("A calculation gives way to everybody until it took too long or is done, and then is nice as before")
    func calculation() throws {
        let mayReturn = Mutex(false)
        let seen = Mutex<[[Int32]]>([])
        try Threads.start("nice", for: .calculating(niceness: 10)) {
            mayReturn.withLock { $0 = Scheduling.becomeNice(10) }
            @Sendable func note() { seen.withLock { $0.append(ThreadTests.standing) } }
            note()
            Background.calculate {
                Background.raise(at: Moment.now().boot, patience: 60_000_000_000)
                note()
                Background.raise(at: Moment.now().boot, patience: 0)
                note()
            }
            note()
            Background.calculate { note() }
            note()
        }.join()
        let nice: [Int32] = [SCHED_OTHER, 10]
        // Without the right to come back (RLIMIT_NICE) nobody goes.
        let idle: [Int32] = mayReturn.withLock { $0 } ? [BackgroundTests.idlePolicy, 10] : nice
        #expect(seen.withLock { $0 } == [nice, idle, nice, nice, idle, nice])
        #expect(mayReturn.withLock { $0 } || geteuid() != 0)
    }

    @Test("On a thread that was not started for it a calculation is like anything else")
    func ordinary() throws {
        let own = ThreadTests.standing
        let seen = Mutex<[Int32]>([])
        try Threads.start("other") { Background.calculate { seen.withLock { $0 = ThreadTests.standing } } }.join()
        #expect(seen.withLock { $0 } == own)
    }

    @Test("A job that calculates for long gives way to everybody for two seconds, and then is only nice")
    func raised() throws {
        let lane = Lane(name: "test", threads: 1, capacity: 10, for: .calculating(niceness: 10))
        try lane.start()
        let took = Mutex<UInt64?>(nil)
        let began = Moment.now().boot
        // Three times what is promised.
        let limit = began + 3 * (Background.patience + 250_000_000)
        #expect(
            lane.submit(
                Lane.Job(
                    deadline: began + 60_000_000_000,
                    run: {
                        Background.calculate {
                            while sched_getscheduler(0) != SCHED_OTHER, Moment.now().boot < limit {}
                        }
                        took.withLock { $0 = Moment.now().boot - began }
                    },
                    expired: {})))
        lane.stop()
        let duration = try #require(took.withLock { $0 })
        #expect(duration < limit - began)
        // Where it may give way at all (RLIMIT_NICE), it did.
        if geteuid() == 0 { #expect(duration >= Background.patience) }
    }
}

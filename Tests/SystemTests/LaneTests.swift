import Synchronization
import System
import Testing

@Suite struct LaneTests {
    /// Waits for a condition with a limit, for jobs on other threads.
    private func eventually(_ condition: () -> Bool) -> Bool {
        let limit = Moment.now().adding(milliseconds: 5000).boot
        while Moment.now().boot < limit { if condition() { return true } }
        return condition()
    }

    private final class Gate: Sendable {
        let isOpen = Atomic<Bool>(false)
        func wait() { while !isOpen.load(ordering: .acquiring) {} }
        func open() { isOpen.store(true, ordering: .releasing) }
    }

    private func job(
        _ deadline: Moment, run: @escaping @Sendable () -> Void, expired: @escaping @Sendable () -> Void = {}
    ) -> Lane.Job {
        Lane.Job(deadline: deadline.boot, run: run, expired: expired)
    }

    @Test("Every job that was taken runs, and stop waits for the last")
    func runsAll() throws {
        let lane = Lane(name: "test", threads: 2, capacity: 1000)
        try lane.start()
        let count = Counter()
        for _ in 0..<500 {
            #expect(lane.submit(job(Moment.now().adding(milliseconds: 60_000), run: { count.add() })))
        }
        lane.stop()
        #expect(count.value == 500)
    }

    @Test("Foresees no wait while a thread is free, and none at all where it would refuse")
    func foreseen() throws {
        let lane = Lane(name: "test", threads: 1, capacity: 1)
        try lane.start()
        let gate = Gate()
        let later = Moment.now().adding(milliseconds: 60_000)
        #expect(lane.foreseenWait(before: later.boot) == 0)
        #expect(lane.foreseenWait(before: Moment.now().boot) == nil)
        #expect(lane.submit(job(later, run: { gate.wait() })))
        #expect(eventually { lane.load.running == 1 })
        #expect(lane.submit(job(later, run: {})))
        #expect(lane.foreseenWait(before: later.boot) == nil)
        gate.open()
        lane.stop()
        #expect(lane.foreseenWait(before: later.boot) == nil)
    }

    @Test("A full queue refuses at once")
    func full() throws {
        let lane = Lane(name: "test", threads: 1, capacity: 2)
        try lane.start()
        let gate = Gate()
        let later = Moment.now().adding(milliseconds: 60_000)
        #expect(lane.submit(job(later, run: { gate.wait() })))
        #expect(eventually { lane.load.running == 1 })
        #expect(lane.submit(job(later, run: {})))
        #expect(lane.submit(job(later, run: {})))
        #expect(!lane.submit(job(later, run: {})))
        gate.open()
        lane.stop()
    }

    @Test("A job whose deadline passes in the queue is told so and never runs")
    func expires() throws {
        let lane = Lane(name: "test", threads: 1, capacity: 10)
        try lane.start()
        let gate = Gate()
        #expect(lane.submit(job(Moment.now().adding(milliseconds: 60_000), run: { gate.wait() })))
        #expect(eventually { lane.load.running == 1 })
        let ran = Counter()
        let expired = Counter()
        let soon = Moment.now().adding(milliseconds: 30)
        #expect(lane.submit(job(soon, run: { ran.add() }, expired: { expired.add() })))
        #expect(eventually { expired.value == 1 })
        gate.open()
        lane.stop()
        #expect(ran.value == 0)
        #expect(expired.value == 1)
    }

    @Test("A stopped lane takes nothing")
    func stopped() throws {
        let lane = Lane(name: "test", threads: 1, capacity: 10)
        try lane.start()
        lane.stop()
        #expect(!lane.submit(job(Moment.now().adding(milliseconds: 60_000), run: {})))
    }
}

final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .acquiring) }
    func add() { count.add(1, ordering: .acquiringAndReleasing) }
}

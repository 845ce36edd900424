import Synchronization
import Testing

@testable import System

@Suite struct TimerQueueTests {
    private final class Order: Sendable {
        private let numbers = Mutex<[Int]>([])
        var all: [Int] { numbers.withLock { $0 } }
        func add(_ number: Int) { numbers.withLock { $0.append(number) } }
    }

    private func eventually(_ condition: () -> Bool) -> Bool {
        let limit = Moment.now().adding(milliseconds: 10_000).boot
        while Moment.now().boot < limit { if condition() { return true } }
        return condition()
    }

    @Test("Each is called at its time and not before, in the order of the times")
    func order() throws {
        let queue = TimerQueue(name: "test", capacity: 100)
        try queue.start()
        defer { queue.stop() }
        let order = Order()
        let early = Counter()
        let start = Moment.now()
        for number in [3, 1, 4, 2, 5] {
            let due = start.adding(milliseconds: number * 20).boot
            let isTaken = queue.add(at: due) {
                if Moment.now().boot < due { early.add() }
                order.add(number)
            }
            #expect(isTaken)
        }
        #expect(eventually { order.all.count == 5 })
        #expect(order.all == [1, 2, 3, 4, 5])
        #expect(early.value == 0)
    }

    @Test("A time that is past is now, also for one that comes while the thread sleeps for a later one")
    func past() throws {
        let queue = TimerQueue(name: "test", capacity: 100)
        try queue.start()
        defer { queue.stop() }
        let order = Order()
        #expect(queue.add(at: Moment.now().adding(milliseconds: 600_000).boot) { order.add(2) })
        #expect(queue.add(at: 0) { order.add(1) })
        #expect(eventually { order.all == [1] })
        #expect(queue.count == 1)
    }

    @Test("A full queue refuses; a place is free again when one was called")
    func capacity() throws {
        let queue = TimerQueue(name: "test", capacity: 2)
        let later = Moment.now().adding(milliseconds: 600_000).boot
        #expect(queue.add(at: 0) {})
        #expect(queue.add(at: later) {})
        #expect(!queue.add(at: 0) {})
        try queue.start()
        defer { queue.stop() }
        #expect(eventually { queue.count == 1 })
        #expect(queue.add(at: later) {})
    }

    @Test("Stop calls at once what still waits, once each, and takes nothing more", arguments: [true, false])
    func stop(isStarted: Bool) throws {
        let queue = TimerQueue(name: "test", capacity: 100)
        if isStarted { try queue.start() }
        let order = Order()
        for number in [2, 1, 3] {
            #expect(queue.add(at: Moment.now().adding(milliseconds: 600_000 + number).boot) { order.add(number) })
        }
        queue.stop()
        #expect(order.all == [1, 2, 3])
        #expect(!queue.add(at: 0) { order.add(4) })
        queue.stop()
        #expect(order.all == [1, 2, 3])
    }

    @Test("The heap gives back any number of entries in order, and of two with one time the older first")
    func heap() {
        var heap = TimerHeap()
        var state: UInt64 = 1
        for number in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            heap.insert(TimerHeap.Entry(due: state >> 55, number: UInt64(number)) {})
            // Some leave in between, as in use.
            if number % 7 == 0 { #expect(heap.removeFirst() != nil) }
        }
        var last: (due: UInt64, number: UInt64) = (0, 0)
        var count = 0
        while let entry = heap.removeFirst() {
            #expect((entry.due, entry.number) >= last)
            last = (entry.due, entry.number)
            count += 1
        }
        #expect(count == 2000 - 286)
    }
}

#if DEBUG
import RateWindows
import Synchronization
import Testing

/// Does other work in the middle of the calling thread's own, at its n-th atomic steps: what a thread finds changed that
/// sleeps there.
private final class Interruptions: Sendable {
    private let count = Atomic<Int>(0)
    private let works: [Int: @Sendable () -> Void]

    init(_ works: [Int: @Sendable () -> Void]) { self.works = works }

    /// How many steps `work` took.
    func run(_ work: () -> Void) -> Int {
        StepHook.hook.withLock { $0 = StepHook.Hook { self.step() } }
        StepHook.isArmed.store(true, ordering: .sequentiallyConsistent)
        work()
        StepHook.isArmed.store(false, ordering: .sequentiallyConsistent)
        return count.load(ordering: .relaxed)
    }

    private func step() {
        let step = count.wrappingAdd(1, ordering: .relaxed).newValue
        guard let work = works[step] else { return }
        StepHook.isArmed.store(false, ordering: .sequentiallyConsistent)
        work()
        StepHook.isArmed.store(true, ordering: .sequentiallyConsistent)
    }
}

// One suite with the other stops: there is one hook for all.
extension FrozenThreadTests {
    @Test(
        "A maker of an entry that meets a rival and then a clear: the key never has two entries",
        arguments: [2, 40] as [UInt32])
    func makerRivalAndClear(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let clock = TestClock()
        let table = try scratch.table(capacity: 64, clock: clock)
        let rule = rule(limit, in: second)
        var pairs = 0
        for first in 1...70 {
            for between in (first + 1)...220 {
                let key = user(UInt64(first * 1000 + between))
                let interruptions = Interruptions([
                    first: { _ = table.admits(rule, key, at: clock.now) },
                    between: {
                        _ = table.clear(key, under: rule)
                        while table.admits(rule, key, at: clock.now) {}
                    },
                ])
                let steps = interruptions.run { _ = table.admits(rule, key, at: clock.now) }
                var used: [UInt32] = []
                _ = table.entries(at: clock.now) { if $0.key == key { used.append($0.used) } }
                #expect(used.reduce(0, +) <= limit, "stopped at steps \(first) and \(between): \(used)")
                clock.advance(3 * second)
                pairs += 1
                if steps < between { break }
            }
        }
        #expect(pairs > 500)
    }

    @Test(
        "Who gives a ticket back after eight lives of its place takes nothing from its new owner",
        arguments: [7, 8, 16])
    func lateGiver(_ lives: Int) throws {
        let scratch = try Scratch()
        let clock = TestClock()
        let table = try scratch.table(capacity: 64, clock: clock)
        let rule = rule(30, in: second)
        var steps = Int.max
        var step = 1
        while steps >= step {
            let key = user(UInt64(step))
            guard
                case .admitted(_, let place) = table.decide(
                    Charge(rule: rule, key: key, returnable: true), at: clock.now)
            else {
                Issue.record("refused")
                return
            }
            let interruptions = Interruptions([
                step: {
                    for _ in 0..<lives {
                        _ = table.clear(key, under: rule)
                        _ = table.admits(rule, key, at: clock.now)
                    }
                    while table.admits(rule, key, at: clock.now) {}
                }
            ])
            steps = interruptions.run { table.giveBack(place) }
            if steps >= step { #expect(!table.admits(rule, key, at: clock.now), "stopped at step \(step)") }
            clock.advance(3 * second)
            step += 1
        }
        #expect(step > 20)
    }
}
#endif

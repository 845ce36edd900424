#if DEBUG
import Glibc
import RateWindows
import Synchronization
import System
import Testing

/// One thread is stopped at its n-th atomic step, for every n: to the others it looks killed. What they do then must
/// be right, and still be right when it wakes and goes on with what it knew.
@Suite("A thread stopped at every single step", .serialized)
struct FrozenThreadTests {
    /// What a scenario shares with its frozen thread.
    private struct Stage: Sendable {
        let table: Table
        let clock: TestClock
        let rule: Rule
    }

    private func stage(_ scratch: Scratch, _ limit: UInt32) throws -> Stage {
        let clock = TestClock()
        return Stage(table: try scratch.table(capacity: 64, clock: clock), clock: clock, rule: rule(limit, in: second))
    }

    /// Runs `work` on a thread of its own that stops at step 1, 2, 3 …, `meanwhile` while it is stopped, and
    /// `afterwards` when it has ended, until `work` ends without reaching its step.
    private func everyStep(
        _ work: @escaping @Sendable (Int) -> Void, meanwhile: (Int) throws -> Void, afterwards: (Int) throws -> Void
    ) throws -> Int {
        for step in 1...5000 {
            let freezer = Freezer(at: step)
            let thread = try Threads.start("frozen") {
                freezer.arm()
                work(step)
                freezer.end()
            }
            let wasStopped = freezer.waitUntilStopped()
            if wasStopped { try meanwhile(step) }
            freezer.release()
            thread.join()
            if wasStopped { try afterwards(step) } else { return step }
        }
        Issue.record("more than 5000 steps")
        return 0
    }

    private func admitted(_ stage: Stage, _ key: Key, tries: Int) -> Int {
        (0..<tries).count { _ in stage.table.admits(stage.rule, key, at: stage.clock.now) }
    }

    @Test(
        "A charge that makes its entry: never one too many, at most its own place is lost",
        arguments: [2, 40] as [UInt32])
    func firstCharge(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let stage = try stage(scratch, limit)
        let frozen = Atomic<Int>(0)
        var others = 0
        let steps = try withFrozenCount(frozen) { count in
            try everyStep(
                { step in
                    if stage.table.admits(stage.rule, user(UInt64(step)), at: stage.clock.now) {
                        count.value.wrappingAdd(1, ordering: .relaxed)
                    }
                },
                meanwhile: { step in
                    others = admitted(stage, user(UInt64(step)), tries: Int(limit) + 2)
                    #expect(others >= Int(limit) - 1)
                },
                afterwards: { step in
                    let all = others + count.value.exchange(0, ordering: .relaxed)
                    #expect(all <= Int(limit))
                    stage.clock.advance(3 * second)
                    // Nothing of it is left behind.
                    #expect(admitted(stage, user(UInt64(step)), tries: Int(limit) + 2) == Int(limit))
                    stage.clock.advance(3 * second)
                })
        }
        #expect(steps > 30)
    }

    @Test("A newcomer dropping an expired entry, whose owner comes back meanwhile", arguments: [2, 40] as [UInt32])
    func dropping(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let stage = try stage(scratch, limit)
        let owners = (0..<6 as Range<UInt64>).map(user)
        // Of another rule, so that an owner whose entry were lost would find a shared one unused.
        let other = rule(1, in: minute, number: 9)
        /// Owners' entries that have just expired, and every other place of the users' 21 in use.
        func settle() {
            stage.clock.advance(3 * minute)
            for key in owners { _ = admitted(stage, key, tries: 1) }
            for key in 0..<60 as Range<UInt64> { _ = stage.table.admits(other, user(500 + key), at: stage.clock.now) }
            stage.clock.advance(2 * second)
        }
        settle()
        var before: [Key: Int] = [:]
        let steps = try everyStep(
            { step in
                // It has to drop an owner.
                _ = stage.table.admits(other, user(1000 + UInt64(step)), at: stage.clock.now)
            },
            meanwhile: { _ in
                for key in owners { before[key] = admitted(stage, key, tries: Int(limit) + 2) }
            },
            afterwards: { _ in
                // What they spent while it was stopped is still spent now that it has gone on.
                for key in owners {
                    #expect(before[key]! + admitted(stage, key, tries: Int(limit) + 2) <= Int(limit))
                }
                settle()
            })
        #expect(steps > 60)
    }

    @Test("An owner coming back to an expired entry, which a newcomer drops meanwhile", arguments: [2, 40] as [UInt32])
    func comingBack(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let stage = try stage(scratch, limit)
        let frozen = Atomic<Int>(0)
        var others = 0
        _ = try withFrozenCount(frozen) { count in
            #expect(stage.table.admits(stage.rule, user(0), at: stage.clock.now))
            stage.clock.advance(3 * second)
            let steps = try everyStep(
                { _ in
                    if stage.table.admits(stage.rule, user(0), at: stage.clock.now) {
                        count.value.wrappingAdd(1, ordering: .relaxed)
                    }
                },
                meanwhile: { step in
                    // Of another rule, so that the owner finds the shared entry of its own rule unused.
                    for key in 0..<40 as Range<UInt64> {
                        _ = stage.table.admits(
                            rule(1, in: second, number: 9), user(5000 + 100 * UInt64(step) + key),
                            at: stage.clock.now)
                    }
                    others = admitted(stage, user(0), tries: Int(limit) + 2)
                },
                afterwards: { _ in
                    others += admitted(stage, user(0), tries: Int(limit) + 2)
                    #expect(others + count.value.exchange(0, ordering: .relaxed) <= Int(limit))
                    stage.clock.advance(3 * second)
                    _ = stage.table.admits(stage.rule, user(0), at: stage.clock.now)
                    stage.clock.advance(3 * second)
                })
            #expect(steps > 10)
            return steps
        }
    }

    @Test("A newcomer in a full table, that gets an entry of its own meanwhile", arguments: [2, 40] as [UInt32])
    func sharing(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let stage = try stage(scratch, limit)
        let short = rule(1, in: second, number: 9)
        // A rule of its own each time, so that the shared entry has to be made as well.
        let long = { @Sendable (step: Int) in rule(limit, in: minute, number: UInt32(10 + step)) }
        let frozen = Atomic<Int>(0)
        var others = 0
        fill(stage, short)
        _ = try withFrozenCount(frozen) { count in
            let steps = try everyStep(
                { step in
                    // Full of open windows, so this key has to share; then it is stopped somewhere.
                    if stage.table.admits(long(step), user(UInt64(step)), at: stage.clock.now) {
                        count.value.wrappingAdd(1, ordering: .relaxed)
                    }
                },
                meanwhile: { step in
                    // The windows close, and the key gets an entry of its own.
                    stage.clock.advance(second)
                    others = (0..<(Int(limit) + 2)).count { _ in
                        stage.table.admits(long(step), user(UInt64(step)), at: stage.clock.now)
                    }
                },
                afterwards: { step in
                    others += (0..<(Int(limit) + 2)).count { _ in
                        stage.table.admits(long(step), user(UInt64(step)), at: stage.clock.now)
                    }
                    #expect(others + count.value.exchange(0, ordering: .relaxed) <= Int(limit))
                    stage.clock.advance(2 * minute)
                    fill(stage, short)
                })
            #expect(steps > 60)
            return steps
        }
    }

    private func fill(_ stage: Stage, _ short: Rule) {
        for key in 0..<100 as Range<UInt64> { _ = stage.table.admits(short, user(90_000 + key), at: stage.clock.now) }
    }

    @Test("A request under two rules leaves at most its own places charged, and after a second they count like any")
    func twoRules() throws {
        let scratch = try Scratch()
        let stage = try stage(scratch, 3)
        let other = rule(40, in: second, number: 2)
        let charges = { @Sendable (step: Int) in
            [stage.rule, other].map { Charge(rule: $0, key: user(UInt64(step))) }
        }
        let steps = try everyStep(
            { step in _ = stage.table.decide(charges(step), at: stage.clock.now) },
            meanwhile: { step in
                let passed = (0..<6).count { _ in
                    if case .admitted = stage.table.decide(charges(step), at: stage.clock.now) { true } else { false }
                }
                #expect((2...3).contains(passed))
            },
            afterwards: { step in
                #expect(!stage.table.admits(stage.rule, user(UInt64(step)), at: stage.clock.now))
                stage.clock.advance(3 * second)
            })
        #expect(steps > 60)
    }

    @Test("A place being given back: free at the end and not twice", arguments: [3, 40] as [UInt32])
    func givingBack(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let stage = try stage(scratch, limit)
        let holder = Holder()
        var others = 0
        /// One place to be given back, one charge before it, all others in later sub-windows.
        func settle() {
            stage.clock.advance(3 * second)
            #expect(stage.table.admits(stage.rule, user(0), at: stage.clock.now))
            stage.clock.advance(second / 7)
            let charge = Charge(rule: stage.rule, key: user(0), returnable: true)
            if case .admitted(_, let mine) = stage.table.decide(charge, at: stage.clock.now) {
                holder.place.withLock { $0 = mine }
            }
            for _ in 0..<(limit - 2) {
                stage.clock.advance(second / 100)
                #expect(stage.table.admits(stage.rule, user(0), at: stage.clock.now))
            }
        }
        settle()
        let steps = try everyStep(
            { _ in if let place = holder.place.withLock({ $0 }) { stage.table.giveBack(place) } },
            meanwhile: { _ in
                others = admitted(stage, user(0), tries: 3)
                #expect(others <= 1)
            },
            afterwards: { _ in
                others += admitted(stage, user(0), tries: 3)
                #expect(others == 1)
                settle()
            })
        #expect(steps > 3)
    }

    private final class Holder: Sendable {
        let place = Mutex<Receipt.Place?>(nil)
    }

    @Test("A key being cleared: all its places again at the end, never more", arguments: [2, 40] as [UInt32])
    func clearing(_ limit: UInt32) throws {
        let scratch = try Scratch()
        let stage = try stage(scratch, limit)
        var others = 0
        func settle() {
            stage.clock.advance(3 * second)
            #expect(admitted(stage, user(0), tries: Int(limit) + 2) == Int(limit))
        }
        settle()
        let steps = try everyStep(
            { _ in _ = stage.table.clear(user(0), under: stage.rule) },
            meanwhile: { _ in
                others = admitted(stage, user(0), tries: Int(limit) + 2)
                #expect(others == 0 || others == Int(limit))
            },
            afterwards: { _ in
                others += admitted(stage, user(0), tries: Int(limit) + 2)
                #expect(others == Int(limit))
                settle()
            })
        #expect(steps > 30)
    }

    private func withFrozenCount<Result>(
        _ count: consuming Atomic<Int>, _ body: (Counter) throws -> Result
    ) rethrows -> Result {
        try body(Counter(count))
    }
}

private final class Counter: Sendable {
    let value: Atomic<Int>
    init(_ value: consuming Atomic<Int>) { self.value = value }
}

/// Stops the thread that armed it at its n-th atomic step.
private final class Freezer: Sendable {
    private enum Phase: Int, AtomicRepresentable { case running, stopped, released, ended }
    private let phase = Atomic<Phase>(.running)
    private let left: Atomic<Int>

    init(at step: Int) { left = Atomic(step) }

    func arm() {
        StepHook.hook.withLock { $0 = StepHook.Hook { self.step() } }
        StepHook.isArmed.store(true, ordering: .sequentiallyConsistent)
    }

    private func step() {
        guard left.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue == 0 else { return }
        StepHook.isArmed.store(false, ordering: .sequentiallyConsistent)
        let (isStopped, _) = phase.compareExchange(
            expected: .running, desired: .stopped, ordering: .sequentiallyConsistent)
        while isStopped, phase.load(ordering: .sequentiallyConsistent) == .stopped { usleep(20) }
    }

    func end() {
        StepHook.isArmed.store(false, ordering: .sequentiallyConsistent)
        phase.store(.ended, ordering: .sequentiallyConsistent)
    }

    /// False when the work ended before it came to the step.
    func waitUntilStopped() -> Bool {
        while true {
            switch phase.load(ordering: .sequentiallyConsistent) {
            case .stopped: return true
            case .ended: return false
            default: usleep(20)
            }
        }
    }

    func release() {
        _ = phase.compareExchange(expected: .stopped, desired: .released, ordering: .sequentiallyConsistent)
    }
}
#endif

import RateWindows
import System
import Testing

/// Random sequences of everything that can happen to keys, against a plain model that remembers every charge.
@Suite("Random sequences agree with the plain model")
struct PropertyTests {
    /// Steps in all: millions where the code is fast.
    private static var steps: Int {
        #if DEBUG
        40_000
        #else
        2_500_000
        #endif
    }

    /// N up to the largest, W from the shortest to the longest.
    static let rules: [Rule] = [
        (1, second), (2, 10 * second), (5, minute), (20, minute), (27, second), (28, second), (50, minute),
        (300, 10 * second), (5000, 3600 * second), (1_000_000, 30 * day),
    ].enumerated().map { rule($1.0, in: $1.1, number: UInt32($0) * 16) }

    /// Without pressure, with a clock that never goes back: what the model admits is admitted under a small N, and
    /// under a large one what would have been admitted with a window of one sub-window more.
    @Test("One thread, room enough: none too many, none too few", arguments: 0..<4 as Range<UInt64>)
    func exact(_ seed: UInt64) throws {
        var run = try Run(seed: seed, capacity: 4096, keys: 5, isLate: false)
        for _ in 0..<(PropertyTests.steps / 4) { run.step() }
        #expect(run.tooMany == 0)
        #expect(run.tooFew == 0)
        #expect(run.admitted > 0 && run.refused > 0 && run.givenBack > 0)
        let statistics = try #require(run.table.statistics())
        #expect(statistics.overflowDecisions == 0 && statistics.refusedStale == 0 && statistics.refusedContended == 0)
    }

    /// Late clock readings, up to three windows old, and a table that is full most of the time.
    @Test("Late readings and a full table: none too many", arguments: 0..<4 as Range<UInt64>)
    func pressure(_ seed: UInt64) throws {
        var run = try Run(
            seed: seed + 100, capacity: seed % 2 == 0 ? 64 : 4096, keys: seed % 2 == 0 ? 60 : 5, isLate: true)
        for _ in 0..<(PropertyTests.steps / 8) { run.step() }
        #expect(run.tooMany == 0)
        #expect(run.admitted > 0 && run.refused > 0 && run.givenBack > 0)
        let statistics = try #require(run.table.statistics())
        #expect(seed % 2 == 1 || statistics.overflowDecisions > 0)
    }
}

/// One random run and what the model says to it.
private struct Run {
    let table: Table
    private let scratch: Scratch
    private let clock: TestClock
    private let isLate: Bool
    private let keys: UInt64
    private var random: Repeatable
    private var charges: [Subject: [UInt64]] = [:]
    private var running: [(charges: [Charge], at: UInt64, receipt: Receipt)] = []

    private(set) var admitted = 0
    private(set) var refused = 0
    private(set) var givenBack = 0
    private(set) var tooMany = 0
    private(set) var tooFew = 0

    private struct Subject: Hashable {
        let rule: Rule
        let key: Key
    }

    init(seed: UInt64, capacity: Int, keys: UInt64, isLate: Bool) throws {
        scratch = try Scratch()
        clock = TestClock()
        clock.advance(90 * day)
        table = try scratch.table(capacity: capacity, clock: clock)
        self.keys = keys
        self.isLate = isLate
        random = Repeatable(seed: seed + 1)
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    mutating func step() {
        advance()
        if chance(4), !running.isEmpty { return giveBack() }
        if chance(500) { return clear() }
        request()
    }

    /// Mostly small steps, now and then a window or more; small enough in all for the table's 36 years.
    private mutating func advance() {
        let longest: UInt64 = chance(20_000) ? 3600 * second : chance(50) ? 2 * second : 40 * millisecond
        clock.advance(UInt64.random(in: 0...longest, using: &random))
    }

    private mutating func request() {
        let key = user(UInt64.random(in: 0..<keys, using: &random))
        let rules = PropertyTests.rules.shuffled(using: &random).prefix(
            chance(3) ? Int.random(in: 2...3, using: &random) : 1)
        let late = isLate && chance(4) ? UInt64.random(in: 0...(3 * rules[0].window), using: &random) : 0
        let now = clock.now - min(late, 90 * day)
        let isReturnable = chance(2)
        let charges = rules.map { Charge(rule: $0, key: key, returnable: isReturnable) }
        guard case .admitted(_, let receipt) = table.decide(charges, at: now) else {
            refused += 1
            if !isLate, charges.allSatisfy({ mustFit($0, at: now) }) { tooFew += 1 }
            return
        }
        admitted += 1
        for charge in charges {
            add(now, to: Subject(rule: charge.rule, key: key))
        }
        if isReturnable { running.append((charges, now, receipt)) }
        if running.count > 30 { giveBack() }
    }

    private mutating func giveBack() {
        let done = running.remove(at: Int.random(in: running.indices, using: &random))
        // A third keep their places.
        guard !chance(3) else { return }
        table.giveBack(done.receipt)
        givenBack += 1
        for charge in done.charges {
            let subject = Subject(rule: charge.rule, key: charge.key)
            remove(done.at, from: subject)
        }
    }

    private mutating func remove(_ time: UInt64, from subject: Subject) {
        var times = charges.removeValue(forKey: subject) ?? []
        let place = times.partitioningIndex { $0 >= time }
        if place < times.count, times[place] == time { times.remove(at: place) }
        charges[subject] = times
    }

    /// A key that shares its entry keeps what it has: then the model must not forget it.
    private mutating func clear() {
        let (key, rule) = (
            user(UInt64.random(in: 0..<keys, using: &random)), PropertyTests.rules.randomElement(using: &random)!
        )
        let emptied = table.clear(key, under: rule)
        if emptied == 1 { charges[Subject(rule: rule, key: key)] = nil }
        // What was cleared cannot be given back; the model has forgotten it as well.
        if emptied == 1 { running.removeAll { run in run.charges.contains { $0.rule == rule && $0.key == key } } }
    }

    /// Remembers a charge, in order, and looks whether any window that holds it holds too many.
    private mutating func add(_ time: UInt64, to subject: Subject) {
        let (limit, window) = (Int(subject.rule.limit), subject.rule.window)
        var times = charges.removeValue(forKey: subject) ?? []
        let place = times.partitioningIndex { $0 > time }
        times.insert(time, at: place)
        // N + 1 neighbours within a window, this one among them.
        for first in max(0, place - limit)..<(place + 1) where first + limit < times.count {
            if times[first + limit] - times[first] < window { tooMany += 1 }
        }
        // Older than any late reading reaches.
        let old = times.partitioningIndex { $0 + 5 * window >= time }
        if old > 1000 { times.removeFirst(old) }
        charges[subject] = times
    }

    /// Whether the table has to admit it: the plain rule for a log; for tickets a window one sub-window longer.
    private func mustFit(_ charge: Charge, at now: UInt64) -> Bool {
        let window = charge.rule.window
        let strict = charge.rule.limit <= 27 ? window : window + window / 21 + millisecond
        let times = charges[Subject(rule: charge.rule, key: charge.key)] ?? []
        let first = times.partitioningIndex { $0 + strict > now }
        return times.count - first < Int(charge.rule.limit)
    }
}

extension Array {
    /// The first index at which `belongsToSecond` holds; it holds for all behind it.
    fileprivate func partitioningIndex(where belongsToSecond: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsToSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

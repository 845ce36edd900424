import Glibc
import RateWindows
import Synchronization
import System

/// A folder on a tmpfs that goes away with the test.
final class Scratch: Sendable {
    let folder: String
    var path: String { folder + "/rates" }

    private static let count = Atomic<Int>(0)

    init() throws {
        let number = Scratch.count.wrappingAdd(1, ordering: .relaxed).newValue
        folder = "/dev/shm/rate-windows-tests.\(getpid()).\(number)"
        guard unsafe mkdir(folder, 0o700) == 0 else { throw SystemError.last("mkdir", path: folder) }
    }

    deinit {
        for name in ["rates", "rates.new", "elsewhere", "moved"] { unsafe unlink(folder + "/" + name) }
        unsafe rmdir(folder + "/rates")
        unsafe rmdir(folder)
    }

    func table(capacity: Int = 4096, clock: TestClock? = nil) throws(RateError) -> Table {
        guard let clock else { return try Table.open(path: path, capacity: capacity, owner: geteuid()) }
        return try Table(path: path, capacity: capacity, owner: geteuid(), clock: Clock { clock.now })
    }
}

/// A clock that a test moves.
final class TestClock: Sendable {
    private let time = Atomic<UInt64>(1_000 * second)

    var now: UInt64 { time.load(ordering: .sequentiallyConsistent) }

    func advance(_ nanoseconds: UInt64) { time.wrappingAdd(nanoseconds, ordering: .sequentiallyConsistent) }
}

let millisecond: UInt64 = 1_000_000
let second: UInt64 = 1_000_000_000
let minute: UInt64 = 60 * second
let day: UInt64 = 86_400 * second

func rule(_ limit: UInt32, in window: UInt64, number: UInt32 = 1) -> Rule {
    Rule(number: number, limit: limit, window: window)!
}

func user(_ number: UInt64) -> Key { .user(high: 0x7c9e_6679_0000_4000, low: number) }

extension Table {
    /// One charge; true when it was admitted.
    func admits(_ rule: Rule, _ key: Key, at now: UInt64) -> Bool {
        if case .admitted = decide(Charge(rule: rule, key: key), at: now) { true } else { false }
    }

    func retryAfter(_ rule: Rule, _ key: Key, at now: UInt64) -> UInt32? {
        if case .refused(_, let retryAfter) = decide(Charge(rule: rule, key: key), at: now) { retryAfter } else { nil }
    }
}

/// The rule as everybody understands it, with every charge remembered.
struct Model {
    private var times: [Key: [UInt64]] = [:]

    mutating func charge(_ key: Key, at time: UInt64) { times[key, default: []].append(time) }

    /// Charges in (now − window, now].
    func count(_ key: Key, at now: UInt64, window: UInt64) -> Int {
        (times[key] ?? []).count { $0 + window > now && $0 <= now }
    }

    /// The most that any half-open window holds, of any key.
    func mostInWindow(_ window: UInt64) -> Int {
        times.values.map { RateWindowsTests.mostInWindow($0, window) }.max() ?? 0
    }
}

func mostInWindow(_ times: [UInt64], _ window: UInt64) -> Int {
    let times = times.sorted()
    var most = 0
    var first = 0
    for last in times.indices {
        while times[last] - times[first] >= window { first += 1 }
        most = max(most, last - first + 1)
    }
    return most
}

/// Random numbers that are the same in each run.
struct Repeatable: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_f491_4f6c_dd1d
    }
}

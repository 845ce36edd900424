import Synchronization

/// How many blocked guesses are told one by one: a flood of them must not push everything else out of the journal.
final class BlockedLines: Sendable {
    /// Each worker, in a second.
    static let perSecond = 50
    private static let second: UInt64 = 1_000_000_000

    private struct State {
        /// CLOCK_BOOTTIME, ns.
        var end: UInt64 = 0
        var told = 0
        var leftOut = 0
    }

    private let state = Mutex(State())

    /// Whether this one is told. False: it is among the next `leftOut`.
    func mayTell(at boot: UInt64) -> Bool {
        state.withLock { state in
            if boot >= state.end {
                state.end = boot + BlockedLines.second
                state.told = 0
            }
            if state.told < BlockedLines.perSecond {
                state.told += 1
                return true
            }
            state.leftOut += 1
            return false
        }
    }

    /// How many were not told, once the second in which they came is over.
    func leftOut(at boot: UInt64) -> Int {
        state.withLock { state in
            guard boot >= state.end else { return 0 }
            defer { state.leftOut = 0 }
            return state.leftOut
        }
    }

    /// The same without waiting for the second's end: nobody asks again.
    func finalLeftOut() -> Int { leftOut(at: .max) }
}

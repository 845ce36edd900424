import System

/// Tokens whose signature and form have been checked, so that a token which comes with every request of a page is
/// read once. Reading one costs some ten times what it takes to find it here (docs/performance.md).
///
/// Only what cannot change is remembered. Times, the key's life, the stored user and revocations are looked at each
/// time, and another generation of the key ring forgets everything.
final class VerifiedTokens: Sendable {
    struct Entry: Sendable {
        let token: String
        let claims: Claims
        let notBefore: Int64?
        let key: TokenKey
    }

    private struct State {
        var generation: UInt64 = 0
        var entries: [String: Entry] = [:]
    }

    /// For each thread; about 2 MiB in all with ordinary tokens and eight threads.
    private static let capacity = 256
    private let state = PerThread { State() }

    func find(_ token: String, generation: UInt64) -> Entry? {
        let entry = state.withValue { $0.generation == generation ? $0.entries[token] : nil }
        // Swift's == takes canonically equivalent texts for one: U+212A for a "K". A token that was verified is ASCII,
        // and any other text that is equivalent to it is longer.
        guard let entry, entry.token.utf8.count == token.utf8.count else { return nil }
        return entry
    }

    func keep(_ entry: Entry, generation: UInt64) {
        state.withValue { state in
            // A full memory starts afresh: only tokens that were checked get in, so nobody can flood it for others.
            if state.generation != generation || state.entries.count >= VerifiedTokens.capacity {
                guard state.generation <= generation else { return }
                state = State(generation: generation, entries: [:])
            }
            state.entries[entry.token] = entry
        }
    }
}

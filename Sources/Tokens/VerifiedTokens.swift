import System

/// Tokens whose signature and form have been checked, so that a token which comes with every request of a page is
/// read once. Reading one costs some ten times what it takes to find it here (docs/performance.md).
///
/// Only what cannot change is remembered. Times, the key's life, the stored user and revocations are looked at each
/// time, and another generation of the key ring forgets everything.
final class VerifiedTokens: Sendable {
    /// A class: finding one hands out a reference, and copies no text.
    final class Entry: Sendable {
        let token: String
        let claims: Claims
        let notBefore: Int64?
        let key: TokenKey

        init(token: String, claims: Claims, notBefore: Int64?, key: TokenKey) {
            self.token = token
            self.claims = claims
            self.notBefore = notBefore
            self.key = key
        }
    }

    private struct State {
        var generation: UInt64 = 0
        var entries: [UInt64: Entry] = [:]
    }

    /// For each thread; about 2 MiB in all with ordinary tokens and eight threads.
    private static let capacity = 256
    private let state = PerThread { State() }

    func find(_ token: String, generation: UInt64) -> Entry? {
        let place = VerifiedTokens.place(of: token)
        let entry = state.withValue { $0.generation == generation ? $0.entries[place] : nil }
        // The whole token decides; its place only says where to look.
        guard let entry, hasSameBytes(entry.token, token) else { return nil }
        return entry
    }

    func keep(_ entry: Entry, generation: UInt64) {
        let place = VerifiedTokens.place(of: entry.token)
        state.withValue { state in
            // A full memory starts afresh: only tokens that were checked get in, so nobody can flood it for others.
            if state.generation != generation || state.entries.count >= VerifiedTokens.capacity {
                guard state.generation <= generation else { return }
                state = State(generation: generation, entries: [:])
            }
            state.entries[place] = entry
        }
    }

    /// The last bytes of the signature, which nobody without the key can choose.
    private static func place(of token: String) -> UInt64 {
        let utf8 = token.utf8
        let bytes = utf8.span
        var place: UInt64 = 0
        for index in max(0, bytes.count - 16)..<bytes.count { place = place &* 64 &+ UInt64(bytes[index]) }
        return place
    }
}

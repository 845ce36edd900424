/// The word that says whose entry a place of a bucket is. It alone arbitrates who owns the place; every change of it
/// is one compare-and-swap.
///
///     fingerprint 42 | life 8 | claim 12 | state 2
///
/// `life` moves when the place goes to another key, `claim` when somebody starts or ends the attempt to drop an
/// expired entry. With both in the word a compare-and-swap cannot mistake a later state for an earlier one: a thread
/// would have to sleep through 256 owners, or through 4,096 claims of one owner, and wake at exactly the same count.
struct Tag: Equatable {
    enum State: UInt64 {
        /// Nobody's.
        case empty = 0
        /// A newcomer writes its entry; nobody charges it yet, anybody may take it away.
        case pending = 1
        /// In use.
        case active = 2
        /// In use, and somebody who found it expired is about to drop it. Whoever charges it makes it active again.
        case claiming = 3
    }

    static let fingerprintMask: UInt64 = (1 << 42) - 1
    private static let lifeMask: UInt64 = 0xff
    private static let claimMask: UInt64 = 0xfff

    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    init(fingerprint: UInt64, life: UInt64, claim: UInt64, state: State) {
        bits =
            (fingerprint & Tag.fingerprintMask) << 22 | (life & Tag.lifeMask) << 14
            | (claim & Tag.claimMask) << 2 | state.rawValue
    }

    var fingerprint: UInt64 { bits >> 22 }
    var life: UInt64 { bits >> 14 & Tag.lifeMask }
    var claim: UInt64 { bits >> 2 & Tag.claimMask }
    var state: State { State(rawValue: bits & 3)! }
    var isInUse: Bool { bits & 2 != 0 }

    /// The low bits of `life`, where each word of the entry carries them. A word of another generation is a leftover
    /// or a late writer's, and counts as empty.
    var generation: UInt64 { (bits >> 14 & 7) << 61 }

    /// Same key, same life: the entry has been this key's all the time in between.
    func isSameLife(as other: Tag) -> Bool { bits >> 14 == other.bits >> 14 }

    /// In another state of the same life, counted as a step.
    func moved(to state: State) -> Tag {
        Tag(fingerprint: fingerprint, life: life, claim: claim + 1, state: state)
    }

    /// The place handed to another key.
    func pending(for fingerprint: UInt64) -> Tag {
        Tag(fingerprint: fingerprint, life: life + 1, claim: 0, state: .pending)
    }

    /// The place free again, nothing of the key left in the tag.
    var freed: Tag { Tag(fingerprint: 0, life: life, claim: claim + 1, state: .empty) }
}

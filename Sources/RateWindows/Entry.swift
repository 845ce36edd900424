/// What an entry counts, as every word of the table that depends on it needs it: kind, limit and window in one word.
///
///     generation 3 | overflow 1 | kind 3 | limit 20 | window in ms 32   (the top three bits are the tag's)
struct Specification: Equatable {
    let bits: UInt64

    init(rule: Rule, kind: Key.Kind, isOverflow: Bool) {
        bits =
            (isOverflow ? 1 << 55 : 0) | UInt64(kind.rawValue) << 52 | UInt64(rule.limit) << 32
            | rule.windowMilliseconds
    }

    /// What the word says under `generation`; `nil` when it is of another, or nothing that a rule could be.
    init?(word: UInt64, generation: UInt64) {
        guard word & Stamp.generationMask == generation else { return nil }
        bits = word & ~Stamp.generationMask
        guard bits >> 56 == 0, Rule.limits.contains(limit), Rule.windows.contains(window),
            Key.Kind(rawValue: UInt8(bits >> 52 & 7)) != nil
        else { return nil }
    }

    var isOverflow: Bool { bits >> 55 & 1 == 1 }
    var kind: Key.Kind { Key.Kind(rawValue: UInt8(bits >> 52 & 7))! }
    var limit: UInt32 { UInt32(truncatingIfNeeded: bits >> 32 & 0xf_ffff) }
    var windowMilliseconds: UInt64 { bits & 0xffff_ffff }
    var window: UInt64 { windowMilliseconds * 1_000_000 }
    /// Small limits are logs, a cell an admission; larger ones count tickets.
    var isLog: Bool { limit <= UInt32(Layout.Entry.cellCount) }
}

/// The bits that words of an entry share: three of the tag's life, and times of 60 bits (36 years of uptime in ns).
enum Stamp {
    static let generationMask: UInt64 = 7 << 61
    static let contentMask: UInt64 = (1 << 61) - 1
    static let unsettled: UInt64 = 1 << 60
    static let timeMask: UInt64 = (1 << 60) - 1
    /// How far ahead of the clock a stored time may be before it is taken for damage, ns.
    static let slack: UInt64 = 1_000_000_000
    /// An unsettled place older than this counts as charged, ns.
    static let settleTime: UInt64 = 1_000_000_000
}

/// A place that a key owns, as the tag said at one moment. The methods that write say `false` or `lost` when the tag
/// has moved to another key since.
struct Place {
    let bucket: Bucket
    let slot: Int
    let tag: Tag

    var entry: Words { bucket.entry(slot) }
    var generation: UInt64 { tag.generation }

    /// Whether the entry is still this key's, in the same life.
    func isHeld() -> Bool {
        let current = bucket.tag(slot)
        return current.isInUse && current.isSameLife(as: tag)
    }

    /// To be called after a charge: true when the charge stands.
    ///
    /// Against `Placement.drop`, which writes `claiming` and then reads the cells: we wrote the cell and now read the
    /// tag. In the one order of all accesses either that reader saw our charge and leaves the entry alone, or we see
    /// its `claiming` here and take the entry back; when its last swap was faster than ours, the charge is lost and
    /// its word, of an old generation, counts for nobody.
    func confirm() -> Bool {
        while true {
            let current = bucket.tag(slot)
            guard current.isInUse, current.isSameLife(as: tag) else { return false }
            if current.state == .active { return true }
            if bucket.swapTag(slot, from: current, to: current.moved(to: .active)) { return true }
        }
    }

    /// A word as this life sees it: what another generation left counts as 0.
    @inline(__always)
    func content(_ word: UInt64) -> UInt64 {
        word & Stamp.generationMask == generation ? word & ~Stamp.generationMask : 0
    }

    /// Swaps a word that was read as `old`. A leftover of another generation may be replaced only while the entry is
    /// known to be ours *after* it was read: else it could be the charge of the place's next owner.
    @inline(__always)
    func swap(_ index: Int, from old: UInt64, to content: UInt64) -> Bool {
        if old != 0, old & Stamp.generationMask != generation, !isHeld() { return false }
        return entry.swap(index, from: old, to: content | generation)
    }
}

/// One bucket: its tags and hints, and the entries behind them.
struct Bucket {
    let words: Words
    /// Its position in the section, for an order that all threads share.
    let index: Int

    @inline(__always)
    func tag(_ slot: Int) -> Tag { Tag(bits: words.load(slot)) }

    @inline(__always)
    func swapTag(_ slot: Int, from old: Tag, to new: Tag) -> Bool {
        words.swap(slot, from: old.bits, to: new.bits)
    }

    @inline(__always)
    func entry(_ slot: Int) -> Words {
        words.advanced(by: Layout.Bucket.entries + slot * Layout.Entry.words)
    }

    /// Asks for all lines of an entry that may be read soon.
    @inline(__always)
    func touchEntry(_ slot: Int) {
        let entry = entry(slot)
        for line in stride(from: 0, to: Layout.Entry.words, by: 8) { entry.touch(line) }
    }
}

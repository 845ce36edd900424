/// 32 bytes that stand for a secret, as a hash made them: a name under which something is kept.
struct Fingerprint: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// nil for anything but 32 bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        func word(_ start: Int) -> UInt64 { bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        words = (word(0), word(8), word(16), word(24))
    }

    var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - $0 * 8)) }
        }
    }

    /// Looks at all bytes, wherever they differ.
    static func == (left: Fingerprint, right: Fingerprint) -> Bool {
        let (first, second) = (left.words, right.words)
        return (first.0 ^ second.0) | (first.1 ^ second.1) | (first.2 ^ second.2) | (first.3 ^ second.3) == 0
    }

    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

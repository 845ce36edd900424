/// SipHash (Aumasson, Bernstein 2012), keyed with the table's random key, so that nobody outside can choose keys that
/// fall into one bucket. 1-3 for the index, 2-4 for fingerprints that stand in the table.
package struct SipHash {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    @inline(__always)
    private init(_ key0: UInt64, _ key1: UInt64) {
        v0 = key0 ^ 0x736f_6d65_7073_6575
        v1 = key1 ^ 0x646f_7261_6e64_6f6d
        v2 = key0 ^ 0x6c79_6765_6e65_7261
        v3 = key1 ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    private mutating func round() {
        v0 &+= v1
        v2 &+= v3
        v1 = rotate(v1, 13) ^ v0
        v3 = rotate(v3, 16) ^ v2
        v0 = rotate(v0, 32)
        v2 &+= v1
        v0 &+= v3
        v1 = rotate(v1, 17) ^ v2
        v3 = rotate(v3, 21) ^ v0
        v2 = rotate(v2, 32)
    }

    @inline(__always)
    private func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word &<< count | word &>> (64 &- count)
    }

    @inline(__always)
    private mutating func compress(_ word: UInt64, rounds: Int) {
        v3 ^= word
        for _ in 0..<rounds { round() }
        v0 ^= word
    }

    @inline(__always)
    private mutating func finish(rounds: Int) -> UInt64 {
        v2 ^= 0xff
        for _ in 0..<rounds { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    /// SipHash-1-3 of four words (32 bytes, little-endian).
    @inline(__always)
    package static func index(
        _ key: (UInt64, UInt64), _ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64
    ) -> UInt64 {
        var state = SipHash(key.0, key.1)
        state.compress(a, rounds: 1)
        state.compress(b, rounds: 1)
        state.compress(c, rounds: 1)
        state.compress(d, rounds: 1)
        state.compress(32 << 56, rounds: 1)
        return state.finish(rounds: 3)
    }

    /// SipHash-c-d of bytes.
    package static func hash(
        _ key: (UInt64, UInt64), _ bytes: some Sequence<UInt8>, compression: Int = 2, finalization: Int = 4
    ) -> UInt64 {
        var stream = Stream(key, compression: compression, finalization: finalization)
        for byte in bytes { stream.absorb(byte) }
        return stream.finish()
    }

    /// Takes bytes one by one, so that nothing has to be put together first.
    package struct Stream {
        private var state: SipHash
        private var word: UInt64 = 0
        private var count: UInt64 = 0
        private let compression: Int
        private let finalization: Int

        package init(_ key: (UInt64, UInt64), compression: Int = 2, finalization: Int = 4) {
            state = SipHash(key.0, key.1)
            self.compression = compression
            self.finalization = finalization
        }

        package mutating func absorb(_ byte: UInt8) {
            word |= UInt64(byte) << (8 * (count % 8))
            count += 1
            if count % 8 == 0 {
                state.compress(word, rounds: compression)
                word = 0
            }
        }

        package mutating func finish() -> UInt64 {
            state.compress(word | (count & 0xff) << 56, rounds: compression)
            return state.finish(rounds: finalization)
        }
    }
}

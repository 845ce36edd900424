/// SplitMix64: the same cases for the same seed, everywhere.
struct Random {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// 0 ..< limit
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    mutating func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

    /// Small mostly, and at times near a border of the format.
    mutating func size(upTo limit: Int) -> Int {
        switch below(8) {
        case 0: min(limit, pick([0, 1, 7, 8, 127, 128, 255, 256, 8184, 8192, 8200, 32_767, 32_768, 65_535]))
        case 1: below(limit + 1)
        default: below(min(limit, 200) + 1)
        }
    }

    /// Up to 64 bytes at random, and these again and again.
    mutating func bytes(_ count: Int, from range: ClosedRange<UInt8> = 0...255) -> [UInt8] {
        let block = (0..<min(count, 64)).map { _ in range.lowerBound + UInt8(next() % UInt64(range.count)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count { bytes += block.prefix(count - bytes.count) }
        return bytes
    }
}

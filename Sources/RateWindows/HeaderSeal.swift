/// What a header says once and for all: the words that are written when a file is made and never again.
struct HeaderConstants: Equatable {
    private let words: [UInt64]

    /// - Parameter word: the header's words, in memory or as they were read from the file.
    init(_ word: (Int) -> UInt64) {
        words = (0...Layout.Header.seal).map(word)
    }

    /// False when a word was damaged since the file was made. A file of 0.2.0 has the same layout and no seal.
    var isSealed: Bool {
        let seal = words[Layout.Header.seal]
        return seal == 0 || seal == self.seal
    }

    /// Never 0. Each step is a bijection of what went before, so that one damaged word is always seen; whoever may
    /// write the file can write a seal as well. Not over the boot: workers compare that with their own, and the command
    /// reads tables of another one.
    var seal: UInt64 {
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        for (index, word) in words.enumerated()
        where index != Layout.Header.bootHigh && index != Layout.Header.bootLow && index != Layout.Header.seal {
            sum = (sum ^ word) &* 0x0000_0100_0000_01b3
            sum ^= sum >> 32
        }
        return max(sum, 1)
    }
}

/// Where everything lies in the file, in words of 8 bytes. Whoever changes a line here moves `version`.
///
///     header      4,096 bytes
///     addresses   main buckets, then overflow buckets
///     users       likewise
///     names       likewise (e-mails, parameters and pairs, as fingerprints)
///     marks       main buckets alone: a mark is never shared
enum Layout {
    static let magic: UInt64 = 0x5365_7461_5250_5450
    static let version: UInt64 = 2

    static let wordBytes = 8
    static let headerWords = 512

    /// Header words. A group that is written stands on cache lines of its own.
    enum Header {
        static let magic = 0
        static let version = 1
        static let capacity = 2
        static let bytes = 3
        /// Random; another one in every file that is made.
        static let stamp = 4
        static let bootHigh = 5
        static let bootLow = 6
        static let hashKey0 = 7
        static let hashKey1 = 8
        /// Random; kept when a table is copied into a new file, so that receipts stay good.
        static let lineage = 9
        /// Over the words before it (`HeaderConstants`); 0 in a file that 0.2.0 made.
        static let seal = 10
        static let userChanges = 16
        /// Not 0 once another file takes over: what is decided here after that does not count.
        static let superseded = 24
        static let statistics = 32
        /// Counts of each limit, to the end of the header: number, refused, would refuse, unused.
        static let limits = 64
        static let limitWords = 4
        static let limitPlaces = (headerWords - limits) / limitWords
    }

    /// A bucket: seven tags and `droppedUntil` on one cache line, hints on a second, then seven entries.
    enum Bucket {
        static let places = 7
        /// The latest end (last charge + W) of the entries dropped here; 0 when none was.
        static let droppedUntil = 7
        /// A hint: no entry of this bucket ends before.
        static let fullUntil = 8
        static let entries = 16
        static let words = 16 + places * Entry.words
    }

    /// An entry of 256 bytes.
    enum Entry {
        static let words = 32
        static let specification = 0
        static let keyHigh = 1
        static let keyLow = 2
        static let born = 3
        static let ruleNumbers = 4
        /// A log's cells, to the end of the entry.
        static let cells = 5
        static let cellCount = words - cells
        /// A ticket entry's counter, its note of unsettled places, and the starts of its sub-windows.
        static let counter = 5
        static let unsettled = 6
        static let starts = 7
        static let startCount = words - starts
    }

    static let capacities: ClosedRange<Int> = 64...16_777_216

    /// One of four tables of the file, in buckets: one table's flood cannot push out another's keys.
    struct SectionSize: Equatable {
        let mainStart: Int
        let mainBuckets: Int
        let overflowStart: Int
        let overflowBuckets: Int
        var end: Int { overflowStart + overflowBuckets * Bucket.words }
    }

    /// Four buckets share one overflow entry a rule: room for the entries of three or four rules at once in an eighth
    /// of the buckets.
    static let bucketsPerOverflow: UInt64 = 4

    /// Half of the capacity for addresses, a quarter for users, an eighth each for names and marks.
    static func sections(capacity: Int) -> [SectionSize] {
        var start = headerWords
        return [capacity / 2, capacity / 4, capacity / 8, capacity / 8].enumerated().map { index, entries in
            let main = max(2, (entries + Bucket.places - 1) / Bucket.places)
            let overflow = index == 3 ? 0 : max(2, (main + 7) / 8)
            let overflowStart = start + main * Bucket.words
            let size = SectionSize(
                mainStart: start, mainBuckets: main, overflowStart: overflowStart, overflowBuckets: overflow)
            start = size.end
            return size
        }
    }

    static func bytes(capacity: Int) -> Int {
        sections(capacity: capacity)[3].end * wordBytes
    }
}

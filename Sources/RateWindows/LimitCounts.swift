/// How often a limit said no since the table was made, over all processes.
public struct LimitCounts: Sendable, Hashable {
    /// The number of the limit: a rule's number without its last four bits. 0 stands for all limits beyond the 111
    /// that have a count of their own.
    public let limit: UInt32
    public let refused: UInt64
    /// What a limit in dry run would have refused.
    public let wouldRefuse: UInt64

    public init(limit: UInt32, refused: UInt64, wouldRefuse: UInt64) {
        self.limit = limit
        self.refused = refused
        self.wouldRefuse = wouldRefuse
    }
}

/// What a limit is counted for.
public enum LimitCount: Int, Sendable, CaseIterable {
    case refused = 1
    case wouldRefuse = 2
}

extension Table {
    /// Counts for a limit that it refused, or in dry run would have refused, a request.
    public func count(_ number: UInt32, _ what: LimitCount) {
        _ = serve(at: 0) { view in
            view.words.add(view.countsPlace(of: number >> 4) + what.rawValue, 1)
        }
    }

    /// The counts of every limit that has one, by number. `nil` while there is no table.
    public func limitCounts() -> [LimitCounts]? {
        serve(at: 0) { $0.limitCounts() }
    }
}

extension View {
    /// A place is a limit's from the first count to the end of the file. It is taken by one compare-and-swap; its first
    /// word is the limit's number above a bit that says "taken".
    fileprivate func countsPlace(of limit: UInt32) -> Int {
        let mine = UInt64(limit) << 1 | 1
        let (places, size) = (Layout.Header.limitPlaces, Layout.Header.limitWords)
        // The last place is everybody else's.
        for step in 0..<(places - 1) {
            let word = Layout.Header.limits + (Int(limit) + step) % (places - 1) * size
            var owner = words.load(word)
            if owner == 0 {
                if words.swap(word, from: 0, to: mine) { return word }
                owner = words.load(word)
            }
            if owner == mine { return word }
        }
        return Layout.Header.limits + (places - 1) * size
    }

    fileprivate func limitCounts() -> [LimitCounts] {
        var counts: [LimitCounts] = []
        for place in 0..<Layout.Header.limitPlaces {
            let word = Layout.Header.limits + place * Layout.Header.limitWords
            let owner = words.load(word)
            let refused = words.load(word + LimitCount.refused.rawValue)
            let wouldRefuse = words.load(word + LimitCount.wouldRefuse.rawValue)
            guard refused > 0 || wouldRefuse > 0 else { continue }
            counts.append(
                LimitCounts(
                    limit: UInt32(truncatingIfNeeded: owner >> 1), refused: refused, wouldRefuse: wouldRefuse))
        }
        return counts.sorted { $0.limit < $1.limit }
    }
}

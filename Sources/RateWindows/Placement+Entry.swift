// Writing a new entry, while its tag is `pending`.

extension Placement {
    enum Writing {
        case written
        case lost
        case stale
    }

    func write(_ mine: Place, inheriting shared: Candidates?) -> Writing {
        var words = InlineArray<32, UInt64>(repeating: 0)
        var born: UInt64 = 0
        if let shared {
            if case .found(let place) = shared.find() {
                born = place.content(place.entry.load(Layout.Entry.born))
                guard copy(place, into: &words, generation: mine.generation) else { return .stale }
            }
            // Read after the copy: an overflow entry that was dropped before it raised this.
            born = max(born, shared.droppedUntil(at: now, clock: clock))
        }
        born = max(born, candidates.droppedUntil(at: now, clock: clock))
        words[Layout.Entry.specification] = candidates.identity.specification.bits | mine.generation
        words[Layout.Entry.keyHigh] = candidates.identity.high
        words[Layout.Entry.keyLow] = candidates.identity.low
        words[Layout.Entry.born] = born | mine.generation
        words[Layout.Entry.ruleNumbers] = candidates.identity.numbers
        for index in 0..<Layout.Entry.words where !put(words[index], at: index, in: mine) { return .lost }
        return .written
    }

    /// Only while the tag is still ours *after* the old word was read: so a maker that was overtaken cannot wipe a
    /// charge of the next owner, whose words are of another generation.
    private func put(_ word: UInt64, at index: Int, in mine: Place) -> Bool {
        while true {
            let old = mine.entry.load(index)
            if old == word { return true }
            guard mine.bucket.tag(mine.slot) == mine.tag else { return false }
            if mine.entry.swap(index, from: old, to: word) { return true }
        }
    }

    /// The shared entry's charges as this key's own. What another thread charges there for this key after our tag was
    /// written, it gives back again: it looks for the tag after its charge (`Limiter.takeShared`).
    private func copy(_ shared: Place, into words: inout InlineArray<32, UInt64>, generation: UInt64) -> Bool {
        let specification = candidates.identity.specification
        if specification.isLog {
            for cell in 0..<Int(specification.limit) {
                let index = Layout.Entry.cells + cell
                let time = shared.content(shared.entry.load(index)) & Stamp.timeMask
                if time != 0 { words[index] = time | generation }
            }
            return true
        }
        for _ in 0..<Contention.copies {
            // The counter before the starts: those of its sub-windows are recorded before it gets there. And after them
            // again: a start that is raised for a ticket given back must not meet a counter without that ticket.
            let before = shared.content(shared.entry.load(Layout.Entry.counter))
            for index in Layout.Entry.starts..<Layout.Entry.words {
                let content = shared.content(shared.entry.load(index))
                words[index] = content == 0 ? 0 : content | generation
                // Somebody ahead of us by more than the ring has in hand may have overwritten a start that we need.
                if TicketEntry.index(content) > (now + specification.ringReserve) / specification.step + 1 {
                    return false
                }
            }
            let after = shared.content(shared.entry.load(Layout.Entry.counter))
            words[Layout.Entry.counter] = after == 0 ? 0 : after | generation
            if TicketEntry.index(after) == TicketEntry.index(before) { return true }
        }
        return false
    }
}

extension Specification {
    var step: UInt64 { (window + TicketEntry.subWindows - 1) / TicketEntry.subWindows }

    /// The ring holds three sub-windows more than a window touches; two of them are used here.
    var ringReserve: UInt64 { 2 * step }
}

extension Place {
    /// When the entry's last charge leaves its window; 0 when nothing is charged or the entry says nothing that a
    /// rule could be.
    func end(at now: UInt64, clock: Clock) -> UInt64 {
        let word = entry.load(Layout.Entry.specification)
        guard let specification = Specification(word: word, generation: generation) else { return 0 }
        return entry(
            of: specification, log: { $0.end(at: now, clock: clock) }, tickets: { $0.end(at: now, clock: clock) })
    }

    /// Of the key; nil when the entry says nothing that a rule could be.
    var kind: Key.Kind? { Specification(word: entry.load(Layout.Entry.specification), generation: generation)?.kind }

    @inline(__always)
    func entry<Result>(
        of specification: Specification, log: (LogEntry) -> Result, tickets: (TicketEntry) -> Result
    ) -> Result {
        if specification.isLog {
            return log(LogEntry(place: self, limit: Int(specification.limit), window: specification.window))
        }
        return tickets(TicketEntry(place: self, limit: UInt64(specification.limit), window: specification.window))
    }
}

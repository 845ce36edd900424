/// Large limits: a counter of tickets, and the ticket at which each of the last sub-windows began.
///
///     counter     generation 3 | sub-window 37 | tickets 24
///     starts[k]   generation 3 | sub-window 37 | tickets 24     (a ring, by k mod 25)
///
/// W is cut into 21 sub-windows. One compare-and-swap of the counter is each admission. Before the first ticket of a
/// sub-window is taken its start is recorded, so that start(k) is at most the number of the first ticket taken in k
/// or later. A request is admitted when fewer than N tickets were taken since the start of the sub-window that holds
/// now − W. That sub-window counts whole, which is the strict side: over a long time N in W (1 + 1/21).
///
/// Why no window holds more than N: let L be the last by ticket of N + 1 charges in one window. Each other one either
/// was taken since the start that L counted from, and there are N of them, so L was refused; or its sub-window ended
/// at or before L's now − W, and a charge's clock reading is never later than its sub-window.
///
/// A ticket is given back by raising the starts of its own and all earlier sub-windows by one: each of them counts it
/// no more, and those after it never did. The counter only grows, so a request whose swap of it succeeds has missed
/// no charge since it read it; the starts only grow, so what it missed of them made it count too much. A giver that
/// is killed between two starts leaves the ticket charged in those that it did not reach.
struct TicketEntry {
    let place: Place
    let limit: UInt64
    let window: UInt64

    static let subWindows: UInt64 = 21
    static let ring = UInt64(Layout.Entry.startCount)
    private static let ticketMask: UInt64 = (1 << 24) - 1
    /// A difference of tickets above this is a negative one.
    private static let half: UInt64 = 1 << 23

    /// Length of a sub-window, ns.
    var step: UInt64 { (window + TicketEntry.subWindows - 1) / TicketEntry.subWindows }

    static func index(_ content: UInt64) -> UInt64 { content >> 24 }
    static func ticket(_ content: UInt64) -> UInt64 { content & ticketMask }
    static func content(_ index: UInt64, _ ticket: UInt64) -> UInt64 { index << 24 | ticket & ticketMask }

    /// Tickets from `start` on, of `tickets`; `nil` when the start is ahead of them.
    static func since(_ start: UInt64, _ tickets: UInt64) -> UInt64? {
        let difference = (tickets &- ticket(start)) & ticketMask
        return difference < half ? difference : nil
    }

    struct Survey {
        /// Tickets taken since the start of the sub-window that holds now − W.
        var used: UInt64 = 0
        /// The last sub-window that must have left the window before a place is free; `nil` when one is.
        var lastBlocking: UInt64?
        /// The first sub-window with tickets that count.
        var first: UInt64?
        /// The latest sub-window with a start.
        var latest: UInt64 = 0
    }

    /// Counts from the lowest start of the sub-windows `oldest...newest`: a start can be recorded and not used (its
    /// recorder lost the race or was killed).
    private func survey(tickets: UInt64, oldest: UInt64, newest: UInt64) -> Survey {
        var survey = Survey()
        for slot in 0..<Layout.Entry.startCount {
            let start = place.content(place.entry.load(Layout.Entry.starts + slot))
            let index = TicketEntry.index(start)
            survey.latest = max(survey.latest, index)
            guard start != 0, index >= oldest, index <= newest, let since = TicketEntry.since(start, tickets) else {
                continue
            }
            survey.used = max(survey.used, since)
            if since >= limit { survey.lastBlocking = max(survey.lastBlocking ?? 0, index) }
            if since > 0 { survey.first = min(survey.first ?? .max, index) }
        }
        return survey
    }

    /// Sub-windows are numbered from 1, so that a word of 0 is nothing but empty.
    private func subWindow(of time: UInt64) -> UInt64 { time / step + 1 }

    private func oldest(at now: UInt64) -> UInt64 { subWindow(of: now > window ? now - window : 0) }

    /// When the tickets of sub-window `index` no longer count.
    private func leaves(_ index: UInt64) -> UInt64 { index * step &+ window }

    func take(at now: UInt64, unsettled: Bool, clock: Clock) -> Taking {
        if unsettled { noteUnsettled(at: now) }
        let taking = takeTicket(at: now, clock: clock)
        if unsettled {
            if case .taken = taking { return taking }
            noteSettled()
        }
        return taking
    }

    /// The counter's tickets. A new entry begins at a number that its life gives: with the three bits of the generation
    /// its words then differ from those of the 255 lives before, for a thread that slept through some of them.
    private func tickets(of counter: UInt64) -> UInt64 {
        counter == 0 ? (place.tag.life >> 3) << 19 : TicketEntry.ticket(counter)
    }

    private func takeTicket(at now: UInt64, clock: Clock) -> Taking {
        for _ in 0..<Contention.attempts {
            let word = place.entry.load(Layout.Entry.counter)
            let counter = place.content(word)
            let (index, tickets) = (TicketEntry.index(counter), tickets(of: counter))
            // A thread with an older clock reading charges the newest sub-window.
            let newest = max(index, subWindow(of: now))
            let oldest = oldest(at: now)
            let survey = survey(tickets: tickets, oldest: oldest, newest: newest)
            // A start that this reading needs may be overwritten: by the counter's, or by one that is only recorded.
            if max(newest, survey.latest) - oldest >= TicketEntry.ring {
                guard repair(at: now, clock: clock) else { return .stale }
                continue
            }
            if survey.used >= limit {
                return .full(freeAt: leaves(survey.lastBlocking ?? newest), unsettled: hasUnsettled(at: now))
            }
            if newest > index, !record(newest, counter: word, at: now, clock: clock) {
                guard place.isHeld() else { return .lost }
                continue
            }
            let next = TicketEntry.content(newest, tickets + 1)
            if place.swap(Layout.Entry.counter, from: word, to: next) {
                return .taken(
                    Taken(
                        place: place, word: Layout.Entry.counter, value: next | place.generation, previous: 0,
                        isTicket: true, remaining: UInt32(limit - survey.used - 1),
                        resetAfter: leaves(survey.first ?? newest) &- now))
            }
            guard place.isHeld() else { return .lost }
        }
        return .contended
    }

    /// Sees to it that start(index) is recorded, at exactly what the counter says; false when that must be read again.
    /// As long as the sub-window is unused its start may still be raised: who takes its first ticket comes by here.
    private func record(_ index: UInt64, counter: UInt64, at now: UInt64, clock: Clock) -> Bool {
        let tickets = tickets(of: place.content(counter))
        let slot = Layout.Entry.starts + Int(index % TicketEntry.ring)
        let word = place.entry.load(slot)
        let start = place.content(word)
        // Somebody is a whole ring ahead of us.
        if TicketEntry.index(start) > index { return false }
        if start == TicketEntry.content(index, tickets) { return true }
        if TicketEntry.index(start) == index, TicketEntry.since(start, tickets) == nil {
            // More than the counter says: that has moved since, or this start is damaged.
            guard place.entry.load(Layout.Entry.counter) == counter else { return false }
        }
        return place.swap(slot, from: word, to: TicketEntry.content(index, tickets))
    }

    /// A sub-window that the clock has not reached.
    private func isDamaged(_ index: UInt64, at now: UInt64, clock: Clock) -> Bool {
        index > subWindow(of: clock.latest(now) &+ Stamp.slack)
    }

    /// Empties the counter and the starts that are damaged; false when none is.
    private func repair(at now: UInt64, clock: Clock) -> Bool {
        var isRepaired = false
        for index in [Layout.Entry.counter] + Array(Layout.Entry.starts..<Layout.Entry.words) {
            let word = place.entry.load(index)
            guard isDamaged(TicketEntry.index(place.content(word)), at: now, clock: clock) else { continue }
            _ = place.swap(index, from: word, to: 0)
            isRepaired = true
        }
        return isRepaired
    }

    /// Look only: places used and when the next one is free.
    func standing(at now: UInt64) -> (used: UInt64, freeAt: UInt64) {
        let counter = place.content(place.entry.load(Layout.Entry.counter))
        let newest = max(TicketEntry.index(counter), subWindow(of: now))
        let survey = survey(tickets: TicketEntry.ticket(counter), oldest: oldest(at: now), newest: newest)
        guard let first = survey.first else { return (0, now) }
        return (min(survey.used, limit), leaves(survey.used >= limit ? survey.lastBlocking ?? first : first))
    }
}

// MARK: The end, and giving back

extension TicketEntry {
    /// When the last charge leaves its window; 0 when nothing is charged.
    func end(at now: UInt64, clock: Clock) -> UInt64 {
        let word = place.entry.load(Layout.Entry.counter)
        let counter = place.content(word)
        if counter == 0 { return 0 }
        let index = TicketEntry.index(counter)
        if isDamaged(index, at: now, clock: clock) {
            _ = place.swap(Layout.Entry.counter, from: word, to: 0)
            return clock.latest(now) &+ window
        }
        guard let last = lastUsed(of: counter), place.entry.load(Layout.Entry.counter) == word else {
            return leaves(index)
        }
        return last == 0 ? 0 : leaves(last)
    }

    /// The last sub-window with a ticket that was not given back; at the least the last of those whose starts the ring
    /// has lost, which is behind every present window. 0: there is none. `nil`: the starts do not say.
    private func lastUsed(of counter: UInt64) -> UInt64? {
        var (used, latest): (UInt64, UInt64) = (0, 0)
        var isKnown = false
        for slot in 0..<Layout.Entry.startCount {
            let start = place.content(place.entry.load(Layout.Entry.starts + slot))
            let index = TicketEntry.index(start)
            latest = max(latest, index)
            guard start != 0, index <= TicketEntry.index(counter) else { continue }
            if index == TicketEntry.index(counter) { isKnown = true }
            if TicketEntry.since(start, TicketEntry.ticket(counter)) != 0 { used = max(used, index) }
        }
        return isKnown ? max(used, latest > TicketEntry.ring ? latest - TicketEntry.ring : 0) : nil
    }

    /// Frees a ticket of the sub-window in `value`, the counter as the charge left it.
    static func giveBack(_ place: Place, value: UInt64) {
        let taken = index(place.content(value))
        for slot in Layout.Entry.starts..<Layout.Entry.words {
            for _ in 0..<Contention.attempts {
                let start = place.content(place.entry.load(slot))
                guard start != 0, index(start) <= taken else { break }
                // After the word was read: a giver who slept through lives of the place must not take the start of an
                // owner whose generation is the same again.
                guard place.isHeld() else { return }
                let raised = content(index(start), ticket(start) + 1)
                if place.swap(slot, from: start | place.generation, to: raised) { break }
            }
        }
    }
}

/// The note of unsettled places beside a counter: generation 3 | count 8 | time of the latest in µs 53.
///
/// It decides no admission. It only tells a request that finds no place whether to look again, so that a killed
/// process can leave it too high without harm: after a second without a new one it says nothing.
extension TicketEntry {
    private static let mostUnsettled: UInt64 = 255
    private static let noteTimeMask: UInt64 = (1 << 53) - 1

    private func isFresh(_ note: UInt64, at now: UInt64) -> Bool {
        note >> 53 > 0 && now < (note & TicketEntry.noteTimeMask) * 1000 &+ Stamp.settleTime
    }

    func hasUnsettled(at now: UInt64) -> Bool {
        isFresh(place.content(place.entry.load(Layout.Entry.unsettled)), at: now)
    }

    private func noteUnsettled(at now: UInt64) {
        for _ in 0..<Contention.attempts {
            let word = place.entry.load(Layout.Entry.unsettled)
            let note = place.content(word)
            let count = isFresh(note, at: now) ? min(note >> 53 + 1, TicketEntry.mostUnsettled) : 1
            if place.swap(Layout.Entry.unsettled, from: word, to: count << 53 | now / 1000 & TicketEntry.noteTimeMask) {
                return
            }
        }
    }

    func noteSettled() {
        for _ in 0..<Contention.attempts {
            let word = place.entry.load(Layout.Entry.unsettled)
            let note = place.content(word)
            if note >> 53 == 0 || place.swap(Layout.Entry.unsettled, from: word, to: note - 1 << 53) { return }
        }
    }
}

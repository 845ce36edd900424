/// Charges one key under one rule: finds or makes its entry, or the one it has to share, and takes a place there.
struct Limiter {
    let view: View
    let now: UInt64
    let clock: Clock

    enum Outcome {
        case taken(Taken)
        /// `unsettled`: only places that may be given back within the millisecond are in the way.
        case refused(freeAt: UInt64, unsettled: Bool)
    }

    private static let attempts = 64
    /// When a refusal has no window of its own to wait for, ns.
    private static let pause: UInt64 = 1_000_000_000

    func take(_ identity: Identity, unsettled: Bool) -> Outcome {
        let section = view.section(for: identity.specification.kind)
        let own = section.main.candidates(for: identity)
        for _ in 0..<Limiter.attempts {
            switch own.find() {
            case .found(let place):
                if let outcome = charge(place, identity.specification, unsettled: unsettled) { return outcome }
            case .pending(let place): own.outwait(place)
            case .absent:
                if let outcome = takeNew(own, shared: shared(with: own, in: section), unsettled: unsettled) {
                    return outcome
                }
            }
        }
        return refusal(.refusedContended)
    }

    private func shared(with own: Candidates, in section: Section) -> Candidates {
        let group = UInt64(own.first.index) / Layout.bucketsPerOverflow
        return section.overflow.candidates(for: own.identity.overflow(group: group, hashKey: view.hashKey))
    }

    private func takeNew(_ own: Candidates, shared: Candidates, unsettled: Bool) -> Outcome? {
        switch Placement(candidates: own, now: now, clock: clock).insert(inheriting: shared) {
        case .placed(let place): return charge(place, own.identity.specification, unsettled: unsettled)
        case .again: return nil
        case .stale: return refusal(.refusedStale)
        case .full: return takeShared(own, shared: shared, unsettled: unsettled)
        }
    }

    /// Both buckets of the key are full of open windows: the request is counted by the entry that the newcomers of
    /// these buckets share. `nil`: look again.
    private func takeShared(_ own: Candidates, shared: Candidates, unsettled: Bool) -> Outcome? {
        let place: Place
        switch shared.find() {
        case .found(let found): place = found
        case .pending(let pending):
            shared.outwait(pending)
            return nil
        case .absent:
            switch Placement(candidates: shared, now: now, clock: clock).insert(inheriting: nil) {
            case .placed(let placed): place = placed
            case .again: return nil
            case .stale: return refusal(.refusedStale)
            case .full: return refusal(.refusedCrowded)
            }
        }
        guard let outcome = charge(place, shared.identity.specification, unsettled: unsettled) else { return nil }
        view.count(.overflowDecisions)
        guard case .taken(let taken) = outcome else {
            view.count(.refusedByOverflow)
            return outcome
        }
        // Somebody may just be making an entry for this key from a copy of the shared one. They write their tag and
        // then read the shared charges; we wrote our charge and now look for the tag: one of us sees the other.
        if own.isPresent {
            undo(taken, settlesNote: unsettled)
            return nil
        }
        if now < own.droppedUntil(at: now, clock: clock) {
            undo(taken, settlesNote: unsettled)
            return refusal(.refusedStale)
        }
        return outcome
    }

    private func refusal(_ counter: Statistics.Counter) -> Outcome {
        view.count(counter)
        return .refused(freeAt: now &+ Limiter.pause, unsettled: false)
    }

    /// Takes a place in an entry. `nil`: the entry went to another key meanwhile.
    private func charge(_ place: Place, _ specification: Specification, unsettled: Bool) -> Outcome? {
        if now < born(place) { return refusal(.refusedStale) }
        let taking: Taking
        if specification.isLog {
            let log = LogEntry(place: place, limit: Int(specification.limit), window: specification.window)
            taking = log.take(at: now, unsettled: unsettled, clock: clock)
        } else {
            let tickets = TicketEntry(place: place, limit: UInt64(specification.limit), window: specification.window)
            taking = tickets.take(at: now, unsettled: unsettled, clock: clock)
        }
        switch taking {
        case .taken(let taken):
            if place.confirm() { return .taken(taken) }
            undo(taken, settlesNote: unsettled)
            return nil
        case .full(let freeAt, let unsettled): return .refused(freeAt: freeAt, unsettled: unsettled)
        case .stale: return refusal(.refusedStale)
        case .lost: return nil
        case .contended: return refusal(.refusedContended)
        }
    }

    /// What was dropped before this entry was made had ended by then: an older clock reading may need what is gone.
    private func born(_ place: Place) -> UInt64 {
        let word = place.entry.load(Layout.Entry.born)
        let born = place.content(word)
        guard born > now &+ Stamp.slack else { return born }
        let latest = clock.latest(now)
        guard born > latest &+ Stamp.slack else { return born }
        // Damage.
        _ = place.swap(Layout.Entry.born, from: word, to: 0)
        return 0
    }

    // MARK: After the charge

    /// Gives a place back.
    func undo(_ taken: Taken, settlesNote: Bool) {
        if taken.isTicket {
            if settlesNote { note(taken) }
            taken.giveBack(in: view)
        } else {
            // Nobody else wrote this word, so it may go whoever owns the entry by now.
            LogEntry.giveBack(taken.place, word: taken.word, value: taken.value, previous: taken.previous)
        }
    }

    /// Every rule of the request has its place: from here on this one counts like any other.
    func settle(_ taken: Taken) {
        if taken.isTicket {
            note(taken)
        } else {
            _ = taken.place.entry.swap(taken.word, from: taken.value, to: taken.value & ~Stamp.unsettled)
        }
    }

    private func note(_ taken: Taken) {
        TicketEntry(place: taken.place, limit: 0, window: 0).noteSettled()
    }
}

// MARK: Looking without charging

extension Limiter {
    struct Look {
        let used: UInt32
        /// When the next place is free; at most `now` when nothing is charged.
        let freeAt: UInt64
        let unsettled: Bool
    }

    func look(_ identity: Identity) -> Look {
        let section = view.section(for: identity.specification.kind)
        let own = section.main.candidates(for: identity)
        if case .found(let place) = own.find() { return look(at: place, identity.specification) }
        // A key without an entry gets a copy of the shared one, or shares it.
        if case .found(let place) = shared(with: own, in: section).find() {
            return look(at: place, identity.specification)
        }
        return Look(used: 0, freeAt: now, unsettled: false)
    }

    private func look(at place: Place, _ specification: Specification) -> Look {
        if specification.isLog {
            let log = LogEntry(place: place, limit: Int(specification.limit), window: specification.window)
            let survey = log.survey(at: now, clock: clock)
            return Look(
                used: specification.limit - UInt32(survey.free),
                freeAt: survey.oldest == .max ? now : survey.oldest &+ specification.window,
                unsettled: survey.hasUnsettled)
        }
        let tickets = TicketEntry(place: place, limit: UInt64(specification.limit), window: specification.window)
        let standing = tickets.standing(at: now)
        return Look(
            used: UInt32(standing.used), freeAt: standing.freeAt, unsettled: tickets.hasUnsettled(at: now))
    }
}

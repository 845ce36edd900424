/// Making an entry for a key that has none.
///
/// 1. A place is taken by swapping its tag to `pending`: an empty one, or one whose entry has expired.
/// 2. Then both buckets are searched for the same key. Of two that make it at once at least one sees the other, since
///    each wrote its tag before it searched; the lower place stays, the higher is freed.
/// 3. The entry is written, with a copy of the shared overflow entry's times, since the key's own may be among them.
/// 4. `pending` becomes `active`; only then can it be charged.
///
/// Each step is a swap of the tag or of a word, on condition that the tag is still the maker's. A maker that dies
/// leaves a pending place, which anybody frees.
struct Placement {
    let candidates: Candidates
    let now: UInt64
    let clock: Clock
    /// Entries of this kind may be dropped before their windows have ended; of marks alone.
    var displaced: Key.Kind?

    enum Outcome {
        case placed(Place)
        /// Something moved: search again.
        case again
        /// No place is empty or expired.
        case full
        /// The shared entry has moved on further than this request's clock reading reaches.
        case stale
    }

    func insert(inheriting shared: Candidates?) -> Outcome {
        guard let victim = choose() else { return .full }
        guard let mine = seize(victim) else { return .again }
        guard resolveRivals(of: mine) else { return .again }
        switch write(mine, inheriting: shared) {
        case .written: break
        case .lost: return .again
        case .stale:
            release(mine)
            return .stale
        }
        let active = mine.tag.moved(to: .active)
        guard mine.bucket.swapTag(mine.slot, from: mine.tag, to: active) else { return .again }
        return .placed(Place(bucket: mine.bucket, slot: mine.slot, tag: active))
    }

    /// Writes an entry that was made `pending` in place, empty, and puts it in use.
    func renew(_ mine: Place) {
        guard case .written = write(mine, inheriting: nil) else { return }
        _ = mine.bucket.swapTag(mine.slot, from: mine.tag, to: mine.tag.moved(to: .active))
    }

    private func release(_ mine: Place) {
        _ = mine.bucket.swapTag(mine.slot, from: mine.tag, to: mine.tag.freed)
    }
}

// MARK: Choosing a place

extension Placement {
    /// An empty place, in the emptier bucket; else the entry that ended first; else a pending one, whose maker is
    /// dead or will look for another.
    private func choose() -> Place? {
        let first = empties(in: candidates.first, from: candidates.preferredSlot)
        let second = empties(in: candidates.second, from: 0)
        // Both buckets are looked at in any case, but a key in its first bucket is found sooner.
        if first.count > 0, first.count >= min(second.count, 3) { return first.place }
        if let place = second.place { return place }
        var choice: (place: Place, end: UInt64)?
        for bucket in [candidates.first, candidates.second] {
            guard let found = expired(in: bucket) else { continue }
            if choice.map({ found.end < $0.end }) ?? true { choice = found }
        }
        return choice?.place ?? displaced.flatMap(firstToEnd)
    }

    private func firstToEnd(of kind: Key.Kind) -> Place? {
        let places = [candidates.first, candidates.second].flatMap { bucket in
            (0..<Layout.Bucket.places).map { Place(bucket: bucket, slot: $0, tag: bucket.tag($0)) }
        }
        return places.filter { $0.tag.isInUse && $0.kind == kind }
            .map { (place: $0, end: $0.end(at: now, clock: clock)) }.min { $0.end < $1.end }?.place
    }

    private func empties(in bucket: Bucket, from preferred: Int) -> (count: Int, place: Place?) {
        var count = 0
        var place: Place?
        for step in 0..<Layout.Bucket.places {
            let slot = (preferred + step) % Layout.Bucket.places
            let tag = bucket.tag(slot)
            guard tag.state == .empty else { continue }
            count += 1
            if place == nil { place = Place(bucket: bucket, slot: slot, tag: tag) }
        }
        return (count, place)
    }

    /// The entry that ended first. When none has ended, that is noted, so that a flood of newcomers does not read the
    /// whole bucket each time; ends only move away, but for a place given back, which is then noticed later.
    private func expired(in bucket: Bucket) -> (place: Place, end: UInt64)? {
        let fullUntil = bucket.words.load(Layout.Bucket.fullUntil)
        if now < fullUntil, fullUntil <= now &+ 2 * Rule.windows.upperBound { return nil }
        var choice: (place: Place, end: UInt64)?
        var pending: Place?
        var firstEnd = UInt64.max
        for slot in 0..<Layout.Bucket.places {
            let place = Place(bucket: bucket, slot: slot, tag: bucket.tag(slot))
            guard place.tag.isInUse else {
                pending = place
                continue
            }
            let end = place.end(at: now, clock: clock)
            firstEnd = min(firstEnd, end)
            if end <= now, choice.map({ end < $0.end }) ?? true { choice = (place, end) }
        }
        if choice == nil, let pending { return (pending, now) }
        if choice == nil { bucket.words.store(Layout.Bucket.fullUntil, firstEnd) }
        return choice
    }
}

// MARK: Taking a place

extension Placement {
    private func seize(_ victim: Place) -> Place? {
        let mine = victim.tag.pending(for: candidates.identity.fingerprint)
        let taken: Bool
        if victim.tag.state == .pending {
            // Its maker may be at work: give it the time, or two newcomers take the place from each other for ever.
            candidates.outwait(victim)
            return nil
        }
        if victim.tag.isInUse {
            taken = drop(victim, for: mine)
        } else {
            taken = victim.bucket.swapTag(victim.slot, from: victim.tag, to: mine)
        }
        return taken ? Place(bucket: victim.bucket, slot: victim.slot, tag: mine) : nil
    }

    /// Drops an expired entry in two steps: say so in the tag, then read its words again. A charge written before that
    /// reading is seen by it; one written after it finds our tag when it confirms and takes the entry back
    /// (`Place.confirm`), or finds it gone and does not stand.
    private func drop(_ victim: Place, for mine: Tag) -> Bool {
        let claimed = victim.tag.moved(to: .claiming)
        guard victim.bucket.swapTag(victim.slot, from: victim.tag, to: claimed) else { return false }
        let dropped = Place(bucket: victim.bucket, slot: victim.slot, tag: claimed)
        let end = dropped.end(at: now, clock: clock)
        guard end <= now || displaced.map({ $0 == dropped.kind }) ?? false else {
            _ = victim.bucket.swapTag(victim.slot, from: claimed, to: claimed.moved(to: .active))
            return false
        }
        // Before the entry is gone: a request whose clock reading is older than this end must not find nothing.
        victim.bucket.words.raise(Layout.Bucket.droppedUntil, to: min(end, now))
        // What takes its place may end before all others.
        if end > now { victim.bucket.words.store(Layout.Bucket.fullUntil, 0) }
        return victim.bucket.swapTag(victim.slot, from: claimed, to: mine)
    }

    /// True when this place is the key's only one; else it is freed.
    private func resolveRivals(of mine: Place) -> Bool {
        for bucket in [candidates.first, candidates.second] {
            for slot in 0..<Layout.Bucket.places {
                guard !(bucket.index == mine.bucket.index && slot == mine.slot) else { continue }
                let rival = Place(bucket: bucket, slot: slot, tag: bucket.tag(slot))
                guard !yields(to: rival, from: mine) else {
                    release(mine)
                    return false
                }
            }
        }
        return true
    }

    private func yields(to rival: Place, from mine: Place) -> Bool {
        guard rival.tag.fingerprint == candidates.identity.fingerprint else { return false }
        switch rival.tag.state {
        case .empty: return false
        case .active, .claiming:
            if candidates.isOurs(rival) { return true }
            // Another rule's; or the entry has moved on since its tag was read (a clear), and the word is of its new
            // life: then it may be this key's, and whose it is has to be found out again.
            return rival.bucket.tag(rival.slot) != rival.tag
        case .pending:
            let isLower = (rival.bucket.index, rival.slot) < (mine.bucket.index, mine.slot)
            if !isLower, rival.bucket.swapTag(rival.slot, from: rival.tag, to: rival.tag.freed) { return false }
            return true
        }
    }
}

import Glibc

/// The two buckets that may hold a key's entry, and the search in them.
struct Candidates {
    let first: Bucket
    let second: Bucket
    let identity: Identity

    enum Finding {
        case found(Place)
        /// Somebody is just making this key's entry.
        case pending(Place)
        case absent
    }

    /// Where in its first bucket a key's entry is put when that place is empty, so that it can be read before the tags
    /// have told. Of no other meaning: an entry may stand in any place of both buckets.
    @inline(__always)
    var preferredSlot: Int {
        Int((identity.hash & 0xffff_ffff) * UInt64(Layout.Bucket.places) >> 32)
    }

    @inline(__always)
    func find() -> Finding {
        // In a table larger than the processor's caches nearly all time is waiting for memory. So the second bucket and
        // the entry, if it stands where the key likes to stand, are sought while the first tags are read.
        second.words.touch(0)
        first.touchEntry(preferredSlot)
        if let finding = find(in: first) { return finding }
        return find(in: second) ?? .absent
    }

    @inline(__always)
    private func find(in bucket: Bucket) -> Finding? {
        for slot in 0..<Layout.Bucket.places {
            var tag = bucket.tag(slot)
            while tag.fingerprint == identity.fingerprint, tag.state != .empty {
                let place = Place(bucket: bucket, slot: slot, tag: tag)
                if tag.state == .pending { return .pending(place) }
                if isOurs(place) { return .found(place) }
                // Another rule's; unless the entry has moved on since its tag was read, and the word is of its new life.
                let current = bucket.tag(slot)
                guard current != tag else { break }
                tag = current
            }
        }
        return nil
    }

    /// The same fingerprint under another rule is another entry. False as well when the place has moved to another
    /// life since its tag was read: who goes by it looks at the tag again.
    func isOurs(_ place: Place) -> Bool {
        place.entry.load(Layout.Entry.specification) == identity.specification.bits | place.generation
    }

    /// Whether any entry of the key is there, finished or not.
    var isPresent: Bool {
        if case .absent = find() { false } else { true }
    }

    /// The latest end of what was dropped from these buckets. To be read after a search: who drops an entry raises
    /// this first, so a search that misses the entry finds it raised.
    var droppedUntil: UInt64 {
        max(
            first.words.load(Layout.Bucket.droppedUntil),
            second.words.load(Layout.Bucket.droppedUntil))
    }

    /// The same, less a damaged word: nothing can be dropped before its end has come.
    func droppedUntil(at now: UInt64, clock: Clock) -> UInt64 {
        let until = droppedUntil
        guard until > now &+ Stamp.slack else { return until }
        let latest = clock.latest(now)
        guard until > latest &+ Stamp.slack else { return until }
        for bucket in [first, second] {
            let word = bucket.words.load(Layout.Bucket.droppedUntil)
            if word > latest &+ Stamp.slack {
                _ = bucket.words.swap(Layout.Bucket.droppedUntil, from: word, to: latest)
            }
        }
        return latest
    }

    /// Waits until a pending entry is finished, and frees it when that takes too long: its maker was killed or sleeps,
    /// and when it wakes its swaps fail.
    func outwait(_ place: Place) {
        for _ in 0..<200 {
            if place.bucket.tag(place.slot) != place.tag { return }
            sched_yield()
        }
        _ = place.bucket.swapTag(place.slot, from: place.tag, to: place.tag.freed)
    }
}

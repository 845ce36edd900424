extension Table {
    /// Forgets the charges and marks of a key. What was charged before this call counts no more, what is charged after
    /// it does, and of the charges in between each is on one side. Charges of the key in an entry that it shares with
    /// others stay: nobody can tell whose they are.
    ///
    /// - Parameters:
    ///   - rule: under this rule alone; `nil`: under every rule, which reads the whole table.
    /// - Returns: how many entries were emptied; `nil` while there is no table.
    public func clear(_ key: Key, under rule: Rule? = nil) -> Int? {
        var most = 0
        // On a new file again, which may be a copy from before; there may be less left to do.
        return serve(at: 0) { view in
            let clearing = Clearing(view: view, clock: clock)
            let count = rule.map { clearing.clear(Identity(rule: $0, key: key, hashKey: view.hashKey)) }
            most = max(most, count ?? clearing.clear(key))
            return most
        }
    }
}

/// Empties entries in one step each: their tag moves on to a new life of the same key, and every word of the old one
/// counts as empty from then on. A charge in flight finds that its entry is not its own any more, and charges again.
struct Clearing {
    let view: View
    let clock: Clock

    private static let attempts = 64

    /// Under one rule, as charges and as marks.
    func clear(_ identity: Identity) -> Int {
        let buckets = [view.section(for: identity.specification.kind).main, view.marks.main]
        return buckets.count { clear($0.candidates(for: identity)) }
    }

    /// Under every rule.
    func clear(_ key: Key) -> Int {
        var count = 0
        for buckets in [view.section(for: key.kind).main, view.marks.main] {
            buckets.forEachPlace { place in
                guard let occupant = Occupant(place, hashKey: view.hashKey), !occupant.isShared, occupant.key == key,
                    clear(buckets.candidates(for: occupant.identity))
                else { return }
                count += 1
            }
        }
        return count
    }

    private func clear(_ own: Candidates) -> Bool {
        for _ in 0..<Clearing.attempts {
            switch own.find() {
            case .absent: return false
            case .pending(let place): own.outwait(place)
            case .found(let place):
                let mine = place.tag.pending(for: own.identity.fingerprint)
                guard place.bucket.swapTag(place.slot, from: place.tag, to: mine) else { continue }
                // From here on it is done. The rest keeps the place for the key: without one it would share an entry
                // with strangers, and their charges, when the table is full.
                Placement(candidates: own, now: clock.read(), clock: clock)
                    .renew(Place(bucket: place.bucket, slot: place.slot, tag: mine))
                return true
            }
        }
        return false
    }
}

// A place goes back to its key: after a good login, or when a later rule refused after all.

extension Taken {
    /// Frees it if the entry is still the key's, in the same life. False when nothing was done.
    @discardableResult
    func giveBack(in view: View) -> Bool {
        // A file that another one takes over from is left as it is: when its counter was copied without this ticket,
        // the copy of its starts must not be raised for it.
        guard view.serves, place.isHeld() else { return false }
        if isTicket {
            TicketEntry.giveBack(place, value: value)
        } else {
            LogEntry.giveBack(place, word: word, value: value, previous: previous)
        }
        // What was said to be full may not be now.
        place.bucket.words.store(Layout.Bucket.fullUntil, 0)
        return true
    }
}

extension Receipt.Place {
    init(_ taken: Taken, in view: View) {
        lineage = view.lineage
        bucket = taken.place.bucket.words.offset(from: view.words)
        slot = taken.place.slot
        tag = taken.place.tag
        word = taken.word
        // By the time that it is given back it is settled.
        value = taken.isTicket ? taken.value : taken.value & ~Stamp.unsettled
        previous = taken.previous
        isTicket = taken.isTicket
    }

    /// The same place in another mapping.
    func taken(in view: View) -> Taken {
        // The position in the section orders rivals; here are none.
        let bucket = Bucket(words: view.words.advanced(by: bucket), index: 0)
        return Taken(
            place: Place(bucket: bucket, slot: slot, tag: tag), word: word, value: value, previous: previous,
            isTicket: isTicket, remaining: 0, resetAfter: 0)
    }
}

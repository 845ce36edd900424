/// How one entry of the table stands.
public struct EntryReport: Sendable, Hashable {
    /// `nil`: keys without room for an entry of their own share this one.
    public let key: Key?
    /// Rule and realm number, N and W (ns) of its rule.
    public let number: UInt32
    public let realm: UInt16
    public let limit: UInt32
    public let window: UInt64
    /// Charges or marks whose window is open; at most N.
    public let used: UInt32
    /// When the first of them leaves its window, boot ns: a full key has a place again then.
    public let freeAt: UInt64
    /// When the last charge leaves its window, boot ns.
    public let endsAt: UInt64
    /// When the last charge was made, boot ns; for N of 28 and more the start of its sub-window.
    public let newest: UInt64
    /// A mark, not a count.
    public let isMark: Bool

    public var isShared: Bool { key == nil }
}

extension Table {
    /// Tells every entry with a charge or mark whose window is open. Entries that are made or end while this runs may
    /// be in it or not; each report is of one entry of one key.
    ///
    /// - Returns: false when there is no table, or another took over while it was read: then some may be missing.
    public func entries(at now: UInt64, _ body: (EntryReport) -> Void) -> Bool {
        inspectIfDue(at: now)
        guard now <= Stamp.timeMask, recover() else { return false }
        let view = view
        for section in [view.addresses, view.users, view.names] {
            tell(section.main, of: view, isMark: false, at: now, body)
            tell(section.overflow, of: view, isMark: false, at: now, body)
        }
        tell(view.marks.main, of: view, isMark: true, at: now, body)
        return view.serves
    }

    private func tell(
        _ buckets: Buckets, of view: View, isMark: Bool, at now: UInt64, _ body: (EntryReport) -> Void
    ) {
        buckets.forEachPlace { place in
            if let report = report(place, in: view, isMark: isMark, at: now) { body(report) }
        }
    }

    /// Tag, content, tag again: a place that passed to another key meanwhile is read once more.
    private func report(_ place: Place, in view: View, isMark: Bool, at now: UInt64) -> EntryReport? {
        var place = place
        for _ in 0..<4 {
            guard place.tag.isInUse else { return nil }
            if let occupant = Occupant(place, hashKey: view.hashKey) {
                let report = EntryReport(occupant, isMark: isMark, at: now, clock: clock)
                if place.isHeld() { return report.used > 0 ? report : nil }
            }
            place = Place(bucket: place.bucket, slot: place.slot, tag: place.bucket.tag(place.slot))
        }
        return nil
    }
}

extension EntryReport {
    init(_ occupant: Occupant, isMark: Bool, at now: UInt64, clock: Clock) {
        let (place, specification) = (occupant.place, occupant.identity.specification)
        key = occupant.isShared ? nil : occupant.key
        number = UInt32(truncatingIfNeeded: occupant.identity.numbers)
        realm = UInt16(truncatingIfNeeded: occupant.identity.numbers >> 32)
        limit = specification.limit
        window = specification.window
        let standing = place.entry(
            of: specification, log: { $0.standing(at: now, clock: clock) }, tickets: { $0.standing(at: now) })
        used = UInt32(standing.used)
        freeAt = standing.freeAt
        endsAt = place.end(at: now, clock: clock)
        let step = place.entry(of: specification, log: { _ in 0 }, tickets: { $0.step })
        let span = window + step
        newest = endsAt > span ? min(endsAt - span, now) : 0
        self.isMark = isMark
    }
}

/// The marks of a key: what happened to it lately. They decide nothing in the table.
public struct Marks: Sendable, Hashable {
    /// Marks whose window is open, at most the rule's N.
    public let count: UInt32
    /// When the last was made, boot ns; 0 when there is none.
    public let newest: UInt64
    /// When the oldest leaves its window, boot ns; 0 when there is none.
    public let freeAt: UInt64

    public static let none = Marks(count: 0, newest: 0, freeAt: 0)

    public init(count: UInt32, newest: UInt64, freeAt: UInt64) {
        self.count = count
        self.newest = newest
        self.freeAt = freeAt
    }
}

extension Table {
    /// Notes that something happened to a key: a pause, a ban, a wrong password. Of more than N in a window the last N
    /// are kept. Marks stand in a part of the file of their own, so they push out no count, and never in an entry that
    /// keys share, so a stranger is never marked: a full part loses the mark, and counts it (`Statistics.marksLost`).
    /// Only one of an address or a network, a ban, then takes the place of a wrong password that was seen.
    ///
    /// - Parameters:
    ///   - key: of any kind.
    ///   - rule: N from 1 to 27. Charges under the same rule are counted apart.
    ///   - now: CLOCK_BOOTTIME, ns.
    /// - Returns: false when the mark was not kept: no room, no table, or a larger N.
    @discardableResult
    public func mark(_ key: Key, under rule: Rule, at now: UInt64) -> Bool {
        let isKept = serve(at: now) { view in
            Marker(view: view, now: now, clock: clock).mark(Identity(rule: rule, key: key, hashKey: view.hashKey))
        }
        guard isKept == false else { return isKept ?? false }
        _ = serve(at: 0) { $0.count(.marksLost) }
        lostMarks.add(1, ordering: .relaxed)
        return false
    }

    /// Marks that this process found no place for.
    public var marksLost: Int { lostMarks.load(ordering: .relaxed) }

    /// The marks of a key under a rule. `nil` while there is no table.
    public func marks(of key: Key, under rule: Rule, at now: UInt64) -> Marks? {
        serve(at: now) { view in
            Marker(view: view, now: now, clock: clock).marks(Identity(rule: rule, key: key, hashKey: view.hashKey))
        }
    }
}

/// Marks in the table: logs, of which a full one forgets its oldest.
struct Marker {
    let view: View
    let now: UInt64
    let clock: Clock

    private static let attempts = 64

    func mark(_ identity: Identity) -> Bool {
        guard identity.specification.isLog else { return false }
        let own = view.marks.main.candidates(for: identity)
        for _ in 0..<Marker.attempts {
            switch own.find() {
            case .found(let place):
                if log(place, identity).mark(at: now, clock: clock), place.confirm() { return true }
            case .pending(let place): own.outwait(place)
            case .absent:
                switch Placement(candidates: own, now: now, clock: clock, displaced: displaced(by: identity))
                    .insert(inheriting: nil)
                {
                case .placed, .again: continue
                case .full, .stale: return false
                }
            }
        }
        return false
    }

    /// Without a ban a network guesses on; without a wrong password seen it is counted once more.
    private func displaced(by identity: Identity) -> Key.Kind? {
        switch identity.specification.kind {
        case .address, .network: .guess
        default: nil
        }
    }

    func marks(_ identity: Identity) -> Marks {
        guard identity.specification.isLog else { return .none }
        let own = view.marks.main.candidates(for: identity)
        for _ in 0..<Marker.attempts {
            // An entry that somebody is just making has no mark yet.
            guard case .found(let place) = own.find() else { return .none }
            let marks = log(place, identity).marks(at: now, clock: clock)
            if place.isHeld() { return marks }
        }
        return .none
    }

    private func log(_ place: Place, _ identity: Identity) -> LogEntry {
        LogEntry(place: place, limit: Int(identity.specification.limit), window: identity.specification.window)
    }
}

extension LogEntry {
    /// Writes a mark into a free cell, else over the oldest. False when the entry went to another key.
    fileprivate func mark(at now: UInt64, clock: Clock) -> Bool {
        for _ in 0..<Contention.attempts {
            // A time that the clock has not reached is damage, and would stay the newest mark for ever.
            _ = survey(at: now, clock: clock)
            var oldest: (index: Int, word: UInt64, time: UInt64)?
            for cell in 0..<limit {
                let index = Layout.Entry.cells + cell
                let word = place.entry.load(index)
                let time = place.content(word) & Stamp.timeMask
                if oldest.map({ time < $0.time }) ?? true { oldest = (index, word, time) }
            }
            guard let oldest, place.isHeld() else { return false }
            // Somebody with a later reading has marked it N times already.
            if oldest.time >= now { return true }
            if place.swap(oldest.index, from: oldest.word, to: now) { return true }
        }
        return false
    }

    fileprivate func marks(at now: UInt64, clock: Clock) -> Marks {
        let survey = survey(at: now, clock: clock)
        guard survey.oldest != .max else { return .none }
        let end = end(at: now, clock: clock)
        return Marks(
            count: UInt32(limit - survey.free), newest: end &- window, freeAt: survey.oldest &+ window)
    }
}

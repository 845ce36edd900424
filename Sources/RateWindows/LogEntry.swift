/// The exact log of a small limit: N cells, each holding the time of one charge, 0 when free.
///
///     generation 3 | unsettled 1 | time 60
///
/// A cell is taken by one compare-and-swap, and only when its time is at most now − W. Hence the promise: of N + 1
/// charges in one half-open window two would be in the same cell, but the times that follow each other in a cell are
/// at least W apart. No order of the threads, no age of their clock readings and no kill changes that.
struct LogEntry {
    let place: Place
    let limit: Int
    let window: UInt64

    struct Survey {
        var free = 0
        var freeCell = -1
        var freeWord: UInt64 = 0
        /// The earliest charge whose window is open; `.max` when there is none.
        var oldest = UInt64.max
        var hasUnsettled = false
    }

    /// Nearly always no cell is damaged or unsettled: then the times alone tell all, in few steps for each.
    @inline(__always)
    func survey(at now: UInt64, clock: Clock) -> Survey {
        var survey = Survey()
        let closed = now > window ? now - window : 0
        let generation = place.generation
        var (newest, marks): (UInt64, UInt64) = (0, 0)
        for cell in 0..<limit {
            let word = place.entry.load(Layout.Entry.cells + cell)
            let content = word ^ generation
            let time = content <= Stamp.contentMask ? content & Stamp.timeMask : 0
            if time <= closed {
                survey.free += 1
                if survey.freeCell < 0 { (survey.freeCell, survey.freeWord) = (cell, word) }
                continue
            }
            survey.oldest = min(survey.oldest, time)
            newest = max(newest, time)
            marks |= content
        }
        guard newest <= now &+ Stamp.slack, marks & Stamp.unsettled == 0 else {
            return closeSurvey(at: now, clock: clock)
        }
        return survey
    }

    @inline(never)
    private func closeSurvey(at now: UInt64, clock: Clock) -> Survey {
        var survey = Survey()
        for cell in 0..<limit {
            let index = Layout.Entry.cells + cell
            let word = place.entry.load(index)
            let content = place.content(word)
            var time = content & Stamp.timeMask
            if content == 0 || time &+ window <= now {
                survey.free += 1
                if survey.freeCell < 0 {
                    survey.freeCell = cell
                    survey.freeWord = word
                }
                continue
            }
            if time > now &+ Stamp.slack { time = repaired(index, word, time, at: now, clock: clock) }
            if time < survey.oldest { survey.oldest = time }
            if content & Stamp.unsettled != 0, now < time &+ Stamp.settleTime { survey.hasUnsettled = true }
        }
        return survey
    }

    /// A time that the clock has not reached is damage: it counts as a charge of this moment, and no longer.
    private func repaired(_ index: Int, _ word: UInt64, _ time: UInt64, at now: UInt64, clock: Clock) -> UInt64 {
        let latest = clock.latest(now)
        guard time > latest &+ Stamp.slack else { return time }
        _ = place.swap(index, from: word, to: latest)
        return latest
    }

    /// Look only: places used and when the first of them is free again.
    func standing(at now: UInt64, clock: Clock) -> (used: UInt64, freeAt: UInt64) {
        let survey = survey(at: now, clock: clock)
        return (UInt64(limit - survey.free), survey.oldest == .max ? now : survey.oldest &+ window)
    }

    /// Takes a free cell. The caller confirms the place afterwards.
    func take(at now: UInt64, unsettled: Bool, clock: Clock) -> Taking {
        for _ in 0..<Contention.attempts {
            let survey = survey(at: now, clock: clock)
            guard survey.free > 0 else {
                return .full(freeAt: survey.oldest &+ window, unsettled: survey.hasUnsettled)
            }
            let content = now | (unsettled ? Stamp.unsettled : 0)
            let index = Layout.Entry.cells + survey.freeCell
            if place.swap(index, from: survey.freeWord, to: content) {
                return .taken(
                    Taken(
                        place: place, word: index, value: content | place.generation,
                        previous: place.content(survey.freeWord) | place.generation, isTicket: false,
                        remaining: UInt32(survey.free - 1),
                        resetAfter: min(survey.oldest, now) &+ window &- now))
            }
            guard place.isHeld() else { return .lost }
        }
        return .contended
    }

    /// Frees a cell that still holds exactly this charge. What it held before comes back: that has ended, but a
    /// request with an older clock reading may yet need it.
    static func giveBack(_ place: Place, word: Int, value: UInt64, previous: UInt64) {
        _ = place.entry.swap(word, from: value, to: previous)
    }

    /// When the last charge leaves its window; 0 when nothing is charged.
    func end(at now: UInt64, clock: Clock) -> UInt64 {
        var last: UInt64 = 0
        for cell in 0..<limit {
            let index = Layout.Entry.cells + cell
            let word = place.entry.load(index)
            var time = place.content(word) & Stamp.timeMask
            if time > now &+ Stamp.slack { time = repaired(index, word, time, at: now, clock: clock) }
            if time > last { last = time }
        }
        return last == 0 ? 0 : last &+ window
    }
}

/// The outcome of one try to charge one entry.
enum Taking {
    case taken(Taken)
    /// `freeAt` is the time at which a place is free again when nothing is charged until then.
    case full(freeAt: UInt64, unsettled: Bool)
    /// The request is older than what the table still knows about its window.
    case stale
    /// The entry went to another key meanwhile.
    case lost
    /// Other threads were faster, too many times in a row.
    case contended
}

/// A charge that was written: where, what over what, and how the key stands after it.
struct Taken {
    let place: Place
    let word: Int
    let value: UInt64
    /// What a log's cell held before.
    let previous: UInt64
    let isTicket: Bool
    let remaining: UInt32
    let resetAfter: UInt64
}

enum Contention {
    /// Failed swaps in a row after which a request is refused. Each failure means that another thread got on.
    static let attempts = 1000
    /// Copies of a shared entry that a newcomer makes, as long as a sub-window begins during each.
    static let copies = 8
    /// How long a request looks again that would be refused only because of unsettled places, ns.
    static let patience: UInt64 = 1_000_000
}

/// The clock that tells damage from time: read only when something looks wrong or has to be waited for.
package struct Clock: Sendable {
    let read: @Sendable () -> UInt64

    package init(read: @escaping @Sendable () -> UInt64) { self.read = read }

    func latest(_ now: UInt64) -> UInt64 { max(now, read()) }
}

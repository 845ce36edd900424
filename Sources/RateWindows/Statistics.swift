/// What the table has seen since it was made, over all processes.
public struct Statistics: Sendable, Equatable {
    enum Counter: Int, CaseIterable {
        case overflowDecisions
        case refusedByOverflow
        case refusedCrowded
        case refusedStale
        case refusedContended
        case marksLost
    }

    /// Entries that fit, and the size of the file in bytes.
    public let capacity: Int
    public let bytes: Int
    /// Requests decided by a shared overflow entry because both buckets of the key were full, and those of them that
    /// it refused.
    public let overflowDecisions: UInt64
    public let refusedByOverflow: UInt64
    /// Refused because there was no place even for a shared entry.
    public let refusedCrowded: UInt64
    /// Refused because the request's clock reading was older than what the table still knows about its window.
    public let refusedStale: UInt64
    /// Refused because other threads were faster, too many times in a row.
    public let refusedContended: UInt64
    /// Pauses, bans and wrong passwords seen that found no place.
    public let marksLost: UInt64

    init(_ mapping: Mapping) {
        let count = { (counter: Counter) in
            mapping.view.words.load(Layout.Header.statistics + counter.rawValue)
        }
        capacity = mapping.capacity
        bytes = mapping.length
        overflowDecisions = count(.overflowDecisions)
        refusedByOverflow = count(.refusedByOverflow)
        refusedCrowded = count(.refusedCrowded)
        refusedStale = count(.refusedStale)
        refusedContended = count(.refusedContended)
        marksLost = count(.marksLost)
    }
}

/// How many entries are in use, by table of the file.
public struct Usage: Sendable, Equatable {
    public struct Part: Sendable, Equatable {
        /// Entries with a charge whose window is open.
        public let used: Int
        /// Places for keys, expired and empty ones included.
        public let capacity: Int
    }

    public let addresses: Part
    public let users: Part
    public let names: Part
    /// Marks: pauses, bans, wrong passwords seen.
    public let marks: Part
    /// Shared entries with a charge whose window is open.
    public let overflow: Int

    public var used: Int { addresses.used + users.used + names.used + marks.used }
    public var capacity: Int { addresses.capacity + users.capacity + names.capacity + marks.capacity }
}

extension View {
    /// Reads every entry: milliseconds for 65,536 of them.
    func usage(at now: UInt64, clock: Clock) -> Usage {
        let part = { (section: Section) in
            Usage.Part(
                used: live(section.main, at: now, clock: clock),
                capacity: Int(section.main.count) * Layout.Bucket.places)
        }
        return Usage(
            addresses: part(addresses), users: part(users), names: part(names), marks: part(marks),
            overflow: [addresses, users, names].reduce(0) { $0 + live($1.overflow, at: now, clock: clock) })
    }

    private func live(_ buckets: Buckets, at now: UInt64, clock: Clock) -> Int {
        var count = 0
        buckets.forEachPlace { place in
            if place.tag.isInUse, place.end(at: now, clock: clock) > now { count += 1 }
        }
        return count
    }
}

extension Buckets {
    /// Every place, in use or not, with its tag of the moment it was reached.
    func forEachPlace(_ body: (Place) -> Void) {
        for index in 0..<count {
            let bucket = bucket(index)
            for slot in 0..<Layout.Bucket.places {
                body(Place(bucket: bucket, slot: slot, tag: bucket.tag(slot)))
            }
        }
    }
}

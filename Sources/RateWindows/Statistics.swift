/// What the table has seen since it was made, over all processes.
public struct Statistics: Sendable, Equatable {
    enum Counter: Int, CaseIterable {
        case overflowDecisions
        case refusedByOverflow
        case refusedCrowded
        case refusedStale
        case refusedContended
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
    }
}

/// How many entries are in use, by table of the file.
public struct Usage: Sendable, Equatable {
    /// Entries with a charge whose window is open.
    public var addresses = 0
    public var users = 0
    public var names = 0
    /// Marks: pauses, bans, wrong passwords seen.
    public var marks = 0
    /// Shared entries with such a charge.
    public var overflow = 0
    /// Places for keys, expired and empty ones included.
    public var capacity = 0
}

extension View {
    /// Reads every entry: milliseconds for 65,536 of them.
    func usage(at now: UInt64, clock: Clock) -> Usage {
        var usage = Usage()
        usage.addresses = live(addresses.main, at: now, clock: clock)
        usage.users = live(users.main, at: now, clock: clock)
        usage.names = live(names.main, at: now, clock: clock)
        usage.marks = live(marks.main, at: now, clock: clock)
        for section in [addresses, users, names, marks] {
            usage.overflow += live(section.overflow, at: now, clock: clock)
            usage.capacity += Int(section.main.count) * Layout.Bucket.places
        }
        return usage
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

/// A key under a rule, as the table looks for it.
struct Identity {
    let specification: Specification
    let high: UInt64
    let low: UInt64
    /// Rule and realm number, one word.
    let numbers: UInt64
    let hash: UInt64

    init(rule: Rule, key: Key, hashKey: (UInt64, UInt64)) {
        self.init(
            specification: Specification(rule: rule, kind: key.kind, isOverflow: false), high: key.high, low: key.low,
            numbers: UInt64(rule.realm) << 32 | UInt64(rule.number), hashKey: hashKey)
    }

    init(
        specification: Specification, high: UInt64, low: UInt64, numbers: UInt64, hashKey: (UInt64, UInt64)
    ) {
        self.specification = specification
        self.high = high
        self.low = low
        self.numbers = numbers
        hash = SipHash.index(hashKey, specification.bits, numbers, high, low)
    }

    /// The entry that newcomers of a group of buckets share under this rule when their buckets are full.
    func overflow(group: UInt64, hashKey: (UInt64, UInt64)) -> Identity {
        Identity(
            specification: Specification(shared: specification), high: group, low: 0, numbers: numbers,
            hashKey: hashKey)
    }

    /// The part of the hash that the tag holds. The bucket comes from the other end of the hash. Two keys of one
    /// bucket have the same one with probability 2^-42; they would then share one count, which is the strict side.
    var fingerprint: UInt64 { hash & Tag.fingerprintMask }
}

extension Specification {
    init(shared specification: Specification) {
        bits = specification.bits | 1 << 55
    }
}

/// One of the four tables of the file: buckets for keys, and buckets for the entries that newcomers share.
struct Section {
    let main: Buckets
    let overflow: Buckets
}

/// A run of buckets.
struct Buckets {
    let words: Words
    let count: UInt64

    func bucket(_ index: UInt64) -> Bucket {
        Bucket(words: words.advanced(by: Int(index) * Layout.Bucket.words), index: Int(index))
    }

    /// The two buckets that may hold a key. Two choices keep buckets from filling before the table does.
    @inline(__always)
    func candidates(for identity: Identity) -> Candidates {
        let first = identity.hash.multipliedFullWidth(by: count).high
        // The finalizer of MurmurHash3: the second choice shares no pattern with the first.
        var mixed = identity.hash
        mixed = (mixed ^ mixed >> 33) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ mixed >> 33) &* 0xc4ce_b9fe_1a85_ec53
        var second = (mixed ^ mixed >> 33).multipliedFullWidth(by: count).high
        if second == first { second = first + 1 == count ? 0 : first + 1 }
        return Candidates(first: bucket(first), second: bucket(second), identity: identity)
    }
}

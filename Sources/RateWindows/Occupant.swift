/// Whose a place is, read while it may pass to another key.
///
/// The words that name the key are written while the tag is `pending` and carry no life, so that addresses and ids can
/// stand in them whole. The fingerprint in the tag tells whether they belong together: it is made of all of them.
struct Occupant {
    let place: Place
    let identity: Identity

    /// `nil` when the place is nobody's, is passing to somebody else, or says what its tag does not.
    init?(_ place: Place, hashKey: (UInt64, UInt64)) {
        guard place.tag.isInUse,
            let specification = Specification(
                word: place.entry.load(Layout.Entry.specification), generation: place.generation)
        else { return nil }
        let identity = Identity(
            specification: specification, high: place.entry.load(Layout.Entry.keyHigh),
            low: place.entry.load(Layout.Entry.keyLow), numbers: place.entry.load(Layout.Entry.ruleNumbers),
            hashKey: hashKey)
        guard identity.fingerprint == place.tag.fingerprint else { return nil }
        self.place = place
        self.identity = identity
    }

    var isShared: Bool { identity.specification.isOverflow }

    var key: Key { Key(kind: identity.specification.kind, high: identity.high, low: identity.low) }
}

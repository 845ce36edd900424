/// One place that a request wants under one rule.
public struct Charge: Sendable, Hashable {
    public var rule: Rule
    public var key: Key
    /// A success gives the place back (a login). It counts while the work runs, so guesses cannot be run in parallel.
    public var returnable: Bool

    public init(rule: Rule, key: Key, returnable: Bool = false) {
        self.rule = rule
        self.key = key
        self.returnable = returnable
    }
}

/// How a key stands under a rule after a decision.
public struct Standing: Sendable, Hashable {
    public let rule: Rule
    /// Places still free.
    public let remaining: UInt32
    /// ns from the request's time until the next place is free; 0 when nothing is charged.
    public let resetAfter: UInt64

    public init(rule: Rule, remaining: UInt32, resetAfter: UInt64) {
        self.rule = rule
        self.remaining = remaining
        self.resetAfter = resetAfter
    }
}

/// What the table says to a request.
public enum Decision: Sendable {
    /// Every rule has been charged.
    case admitted([Standing], Receipt)
    /// At least one rule has no place, and none is charged. `retryAfter` is in whole seconds, rounded up, the largest
    /// over the rules: a key that sends nothing until then has its next request admitted.
    case refused([Standing], retryAfter: UInt32, violated: [Rule])
    /// The table is lost or cannot be mapped: the settings say what happens.
    case unavailable
}

/// `Decision` for one charge, made without an allocation.
public enum SingleDecision: Sendable {
    case admitted(Standing, Receipt.Place)
    case refused(Standing, retryAfter: UInt32)
    case unavailable
}

/// The places that an admitted request holds; `Table.giveBack` frees them once.
public struct Receipt: Sendable {
    /// One charged place: where, whose, and exactly what was written there, so that nothing else can be freed by it.
    public struct Place: Sendable {
        let lineage: UInt64
        /// Its bucket's first word in the file.
        let bucket: Int
        let slot: Int
        let tag: Tag
        let word: Int
        let value: UInt64
        let previous: UInt64
        let isTicket: Bool
    }

    public let places: [Place]
}

/// One request under several rules.
struct SeveralCharges {
    let charges: [Charge]
    let limiter: Limiter
    let patiently: (() -> Limiter.Outcome) -> Limiter.Outcome

    private var identities: [Identity] = []
    private var taken: [(charge: Int, place: Taken)] = []

    init(
        charges: [Charge], limiter: Limiter,
        patiently: @escaping (() -> Limiter.Outcome) -> Limiter.Outcome
    ) {
        self.charges = charges
        self.limiter = limiter
        self.patiently = patiently
        identities = charges.map { Identity(rule: $0.rule, key: $0.key, hashKey: limiter.view.hashKey) }
    }

    mutating func decide() -> Decision {
        let looks = identities.map { limiter.look($0) }
        let violated = charges.indices.filter { looks[$0].used >= charges[$0].rule.limit && !looks[$0].unsettled }
        if !violated.isEmpty { return refusal(violated, freeAt: violated.map { looks[$0].freeAt }) }
        for index in order {
            let isUnsettled = isUnsettled(index)
            switch patiently({ limiter.take(identities[index], unsettled: isUnsettled) }) {
            case .taken(let place): taken.append((index, place))
            case .refused(let freeAt, _):
                for earlier in taken { limiter.undo(earlier.place, settlesNote: self.isUnsettled(earlier.charge)) }
                return refusal([index], freeAt: [freeAt])
            }
        }
        for place in taken where isUnsettled(place.charge) { limiter.settle(place.place) }
        return admission()
    }

    /// A returnable charge is settled from the start: it counts while the work runs.
    private func isUnsettled(_ index: Int) -> Bool { charges.count > 1 && !charges[index].returnable }

    /// The same for every request, so that two of them never hold what the other one wants.
    private var order: [Int] {
        charges.indices.sorted { left, right in
            let (left, right) = (identities[left], identities[right])
            return (left.numbers, left.specification.bits, left.high, left.low)
                < (right.numbers, right.specification.bits, right.high, right.low)
        }
    }

    private func admission() -> Decision {
        var standings = charges.map { Standing(rule: $0.rule, remaining: 0, resetAfter: 0) }
        for (index, place) in taken {
            standings[index] = Standing(
                rule: charges[index].rule, remaining: place.remaining, resetAfter: place.resetAfter)
        }
        let places = taken.filter { charges[$0.charge].returnable }
        return .admitted(standings, Receipt(places: places.map { Receipt.Place($0.place, in: limiter.view) }))
    }

    private func refusal(_ violated: [Int], freeAt: [UInt64]) -> Decision {
        let now = limiter.now
        var standings = zip(charges, identities).map { Standing(rule: $0.rule, limiter.look($1), at: now) }
        for (index, freeAt) in zip(violated, freeAt) {
            standings[index] = Standing(
                rule: charges[index].rule, remaining: 0, resetAfter: freeAt > now ? freeAt - now : 0)
        }
        let wait = freeAt.max()! > now ? freeAt.max()! - now : 0
        return .refused(
            standings, retryAfter: wholeSeconds(wait), violated: violated.map { charges[$0].rule })
    }
}

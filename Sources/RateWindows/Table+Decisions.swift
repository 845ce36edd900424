import Glibc
import System

extension Table {
    // MARK: One charge

    /// Decides a request that one rule applies to. `now` is the request's one clock reading, CLOCK_BOOTTIME in ns.
    public func decide(_ charge: Charge, at now: UInt64) -> SingleDecision {
        let decision = serve(at: now) { view -> SingleDecision in
            let limiter = Limiter(view: view, now: now, clock: clock)
            let identity = Identity(rule: charge.rule, key: charge.key, hashKey: view.hashKey)
            switch patiently({ limiter.take(identity, unsettled: false) }) {
            case .taken(let taken):
                let standing = Standing(
                    rule: charge.rule, remaining: taken.remaining, resetAfter: taken.resetAfter)
                return .admitted(standing, Receipt.Place(taken, in: view))
            case .refused(let freeAt, _):
                let wait = freeAt > now ? freeAt - now : 0
                return .refused(
                    Standing(rule: charge.rule, remaining: 0, resetAfter: wait), retryAfter: wholeSeconds(wait))
            }
        }
        return decision ?? .unavailable
    }

    /// How a key stands, without charging it. `nil` while there is no table.
    public func standing(of key: Key, under rule: Rule, at now: UInt64) -> Standing? {
        serve(at: now) { view in
            let limiter = Limiter(view: view, now: now, clock: clock)
            let look = limiter.look(Identity(rule: rule, key: key, hashKey: view.hashKey))
            return Standing(rule: rule, look, at: now)
        }
    }

    // MARK: Several charges

    /// Decides a request that several rules apply to: all are charged, or none. No charge at all is admitted.
    ///
    /// All rules are looked at first; then places are taken in one fixed order, marked unsettled, and given back when
    /// a later rule refuses after all.
    public func decide(_ charges: [Charge], at now: UInt64) -> Decision {
        serve(at: now) { view in
            var decision = SeveralCharges(
                charges: charges, limiter: Limiter(view: view, now: now, clock: clock), patiently: patiently)
            return decision.decide()
        } ?? .unavailable
    }

    // MARK: Afterwards

    /// Frees the places of the charges that were `returnable`. To be called once: after a good login, or when the
    /// work was not done at all.
    public func giveBack(_ receipt: Receipt) {
        for place in receipt.places { giveBack(place) }
    }

    /// The same for one place.
    public func giveBack(_ place: Receipt.Place) {
        var isDone = false
        _ = serve(at: 0) { view in
            // A new file that took the counts over has the place at the same offset; any other has nothing of it. It
            // may be a copy from before or after: a cell is freed once at most, a ticket could be freed twice.
            guard place.lineage == view.lineage, !(isDone && place.isTicket) else { return }
            isDone = place.taken(in: view).giveBack(in: view)
        }
    }

    // MARK: Waiting

    /// Looks again, for at most a millisecond, while only unsettled places are in the way.
    private func patiently(_ take: () -> Limiter.Outcome) -> Limiter.Outcome {
        var outcome = take()
        guard case .refused(_, unsettled: true) = outcome else { return outcome }
        let deadline = Moment.now().boot + Contention.patience
        while case .refused(_, unsettled: true) = outcome, Moment.now().boot < deadline {
            sched_yield()
            outcome = take()
        }
        return outcome
    }
}

/// Whole seconds, rounded up, at least 1.
func wholeSeconds(_ nanoseconds: UInt64) -> UInt32 {
    UInt32(clamping: max(1, (nanoseconds + 999_999_999) / 1_000_000_000))
}

extension Standing {
    init(rule: Rule, _ look: Limiter.Look, at now: UInt64) {
        self.init(
            rule: rule, remaining: rule.limit - min(rule.limit, look.used),
            resetAfter: look.freeAt > now ? look.freeAt - now : 0)
    }
}

import RateWindows
import System
import Tokens

/// What housekeeping knew at its last look, so that each change is told once.
struct WorkerChanges: Sendable {
    private var mayAnyKeySign = true
    private var isTableThere = true
    private var counts = CountEvents()

    mutating func look(at keys: KeySource, _ moment: Moment, tellTo events: EventLog) {
        let maySign = keys.ring.signer(at: moment) != nil
        guard maySign != mayAnyKeySign else { return }
        mayAnyKeySign = maySign
        if maySign {
            events.notice(Event("key.signs_again").with("file", keys.path))
        } else {
            events.error(
                Event("key.none_signs").with("file", keys.path).with(
                    "cure", "postern key generate --force, or a later signs_until"))
        }
    }

    mutating func look(at table: Table, tellTo events: EventLog) {
        let isThere = table.generation != nil
        guard isThere != isTableThere else { return }
        isTableThere = isThere
        if isThere {
            events.notice(Event("table.back"))
        } else {
            events.error(Event("table.lost").with("reason", table.failure.map { "\($0)" } ?? "cannot be read"))
        }
    }

    mutating func look(at counts: [Count], _ moment: Moment, tellTo log: CurrentLog) {
        let events = log.events
        for count in counts {
            guard let event = self.counts.event(count, at: moment.boot) else { continue }
            let dropped = log.dropped
            if count.isDefect { events.error(event) } else { events.warning(event) }
            if log.dropped != dropped { self.counts.wasLost(count) }
        }
    }
}

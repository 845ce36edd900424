import Accounts

/// What the journal says when MariaDB goes and comes back.
enum DatabaseEvents {
    static func write(_ change: DatabaseEvent, to events: EventLog) {
        switch change {
        case .away(let code, let reason, let cure):
            events.error(
                Event("database.away").with("error", code).with("reason", reason).with("cure", cure)
                    .with("logins", 503))
        case .back(let duration):
            let (seconds, attoseconds) = duration.components
            events.notice(
                Event("database.back").with("after_ms", seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        }
    }
}

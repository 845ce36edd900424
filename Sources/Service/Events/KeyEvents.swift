import Tokens

/// What the journal says of the key file.
enum KeyEvents {
    static func write(_ event: KeySource.Event, path: String, to events: EventLog) {
        switch event {
        case .loaded(let keys, let added, let removed, let notes):
            events.notice(
                Event("key.changed").with("file", path).with("verifies", keys.joined(separator: ","))
                    .with("added", added.isEmpty ? nil : added.joined(separator: ","))
                    .with("removed", removed.isEmpty ? nil : removed.joined(separator: ",")))
            for note in notes { events.warning(Event("key.note").with("file", path).with("note", note)) }
        case .refused(let error):
            events.error(Event("key.refused").with("file", path).with("reason", "\(error)").with("kept", "previous"))
        }
    }
}

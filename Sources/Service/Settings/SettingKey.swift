/// One key of the settings: its name, what it does, how it is read and shown.
public struct SettingKey: Sendable {
    /// "passwords.min_length"
    public let name: String
    public let comment: String
    public let isRequired: Bool
    let read: @Sendable (SettingValue, inout Settings) throws(SettingFault) -> Void
    /// The value in `Settings` as TOML.
    public let show: @Sendable (Settings) -> String
    /// The value in `Settings` as JSON; "null" for one that is not set.
    public let json: @Sendable (Settings) -> String

    init<Value: Sendable>(
        _ name: String, _ path: any WritableKeyPath<Settings, Value> & Sendable, _ kind: SettingKind<Value>,
        required: Bool = false, _ comment: String
    ) {
        self.name = name
        self.comment = comment
        self.isRequired = required
        self.read = { value, settings throws(SettingFault) in settings[keyPath: path] = try kind.read(value) }
        self.show = { kind.show($0[keyPath: path]) }
        self.json = { kind.json($0[keyPath: path]) }
    }

    /// The limit that the sysadmin gave this name: a key that no list can hold. "" is shown where there is none.
    init(limit name: String) {
        let kind = SettingKind<RateLimit>.limit(.location)
        self.name = "limits." + name
        self.comment = "for locations: auth_request /postern/auth/limit=\(name);"
        self.isRequired = false
        self.read = { value, settings throws(SettingFault) in
            try LimitNames.check(name, besides: settings.limits.named.keys)
            settings.limits.named[name] = try kind.read(value)
        }
        self.show = { $0.limits.named[name].map(kind.show) ?? "" }
        self.json = { $0.limits.named[name].map(kind.json) ?? "null" }
    }

    /// The section in brackets: "passwords".
    public var section: String { String(name[..<(name.lastIndex(of: ".") ?? name.startIndex)]) }
    /// The name within its section: "min_length".
    public var shortName: String { name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name }
}

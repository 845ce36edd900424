/// One key of the settings: its name, what it does, how it is read and shown.
public struct SettingKey: Sendable {
    /// "passwords.min_length"
    public let name: String
    public let comment: String
    public let isRequired: Bool
    let read: @Sendable (SettingValue, inout Settings) throws(SettingFault) -> Void
    /// The value in `Settings` as TOML.
    public let show: @Sendable (Settings) -> String

    init<Value: Sendable>(
        _ name: String, _ path: any WritableKeyPath<Settings, Value> & Sendable, _ kind: SettingKind<Value>,
        required: Bool = false, _ comment: String
    ) {
        self.name = name
        self.comment = comment
        self.isRequired = required
        self.read = { value, settings throws(SettingFault) in settings[keyPath: path] = try kind.read(value) }
        self.show = { kind.show($0[keyPath: path]) }
    }

    /// The section in brackets: "passwords".
    public var section: String { String(name[..<(name.lastIndex(of: ".") ?? name.startIndex)]) }
    /// The name within its section: "min_length".
    public var shortName: String { name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name }
}

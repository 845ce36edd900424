/// Settings that cannot be used: the file, the line where it is known, the key, the reason with the way out.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    public let file: String
    public let line: Int?
    public let key: String?
    public let reason: String

    public init(file: String, line: Int? = nil, key: String? = nil, reason: String) {
        self.file = file
        self.line = line
        self.key = key
        self.reason = reason
    }

    public var description: String {
        let place = line.map { "\(file):\($0): " } ?? "\(file): "
        return place + (key.map { "\($0): " } ?? "") + reason
    }
}

/// Why one value does not fit its key.
struct SettingFault: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

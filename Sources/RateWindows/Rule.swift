/// "N in W": no half-open window of this length holds more than `limit` charges of one key.
public struct Rule: Sendable, Hashable {
    /// Which rule of its realm, as the settings number it (the limit's number times 16, and the window's index); part
    /// of the key, so two rules never share a count.
    public var number: UInt32
    /// The user base; 0 until a host has a second one.
    public var realm: UInt16
    /// N, 1 to 1,000,000.
    public var limit: UInt32
    /// W in nanoseconds, 1 s to 30 days, whole milliseconds.
    public var window: UInt64

    public static let limits: ClosedRange<UInt32> = 1...1_000_000
    public static let windows: ClosedRange<UInt64> = 1_000_000_000...(30 * 86_400 * 1_000_000_000)

    /// `nil` when the limit or the window is out of range. A window is rounded up to a whole millisecond, which is
    /// the strict side.
    public init?(number: UInt32, realm: UInt16 = 0, limit: UInt32, window: UInt64) {
        guard Rule.limits.contains(limit), Rule.windows.contains(window) else { return nil }
        self.number = number
        self.realm = realm
        self.limit = limit
        self.window = (window + 999_999) / 1_000_000 * 1_000_000
    }

    /// W in whole milliseconds, the unit of the table.
    var windowMilliseconds: UInt64 { window / 1_000_000 }
}

import Database

/// What became of a login.
public enum LoginOutcome: String, Sendable, CaseIterable {
    case ok
    /// A password was looked at and was wrong, or its user may not log in.
    case failed
    /// A ban, a pause or a budget stood before the password.
    case blocked
}

/// A login as `login_events` keeps it: what the journal's line tells, without an e-mail.
///
/// A text longer than its column is cut, and a character beyond ASCII becomes `?`: one odd value must not lose the
/// events that are written with it.
public struct LoginEvent: Sendable, Equatable {
    /// Milliseconds since 1970, UTC.
    public var at: Int64
    public var outcome: LoginOutcome
    /// A word as in the event line, "wrong_password"; at most 40 bytes. Empty for a login.
    public var reason: String
    /// Nil where the e-mail is nobody's.
    public var user: UserID?
    /// At most 45 bytes.
    public var address: String
    /// At most 20 bytes.
    public var door: String
    /// At most 32 bytes.
    public var trace: String

    public init(
        at: Int64, outcome: LoginOutcome, reason: String, user: UserID?, address: String, door: String, trace: String
    ) {
        self.at = at
        self.outcome = outcome
        self.reason = reason
        self.user = user
        self.address = address
        self.door = door
        self.trace = trace
    }
}

extension LoginEvent {
    /// The server's TIMESTAMP ends in January 2038 (MariaDB before 11.5); 0 is its word for no time.
    private static let times: ClosedRange<Int64> = 1000...2_147_483_647_000

    static let insertedColumns = "at, outcome, reason, user_id, address, door, trace"
    static let placeholders = "(FROM_UNIXTIME(? * 0.001), ?, ?, ?, ?, ?, ?)"

    /// For `placeholders`.
    var values: [Value] {
        [
            Value(min(max(at, Self.times.lowerBound), Self.times.upperBound)), .text(outcome.rawValue),
            Self.word(reason, 40), user.map { Value($0) } ?? .null, Self.word(address, 45), Self.word(door, 20),
            Self.word(trace, 32),
        ]
    }

    static let columns =
        "CAST(UNIX_TIMESTAMP(at) * 1000 AS SIGNED), outcome, reason, user_id, address, door, trace"

    /// From a row of `columns`.
    init(_ row: Row) throws(DatabaseError) {
        guard let outcome = LoginOutcome(rawValue: try row.text(1)) else {
            throw Row.unusable("login_events.outcome")
        }
        self.init(
            at: try row.integer(0), outcome: outcome, reason: try row.text(2),
            user: try row.optionalText(3).flatMap { UserID($0) }, address: try row.text(4), door: try row.text(5),
            trace: try row.text(6))
    }

    private static func word(_ text: String, _ length: Int) -> Value {
        let bytes = text.unicodeScalars.prefix(length).map { (" "..."~").contains($0) ? UInt8($0.value) : 0x3f }
        return .text(String(decoding: bytes, as: UTF8.self))
    }
}

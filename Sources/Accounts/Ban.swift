import Database

/// Whom a ban is of.
public enum BanSubject: Sendable, Equatable, Hashable {
    /// An address or a network in CIDR form, in the one text form that the caller writes: "203.0.113.7", "10.0.0.0/8",
    /// "2001:db8::/32".
    case network(String)
    case user(UserID)
}

/// A ban that somebody made by hand: a row of `bans`.
public struct Ban: Sendable, Equatable {
    public let id: UInt64
    public let subject: BanSubject
    public let note: String
    /// The login name of who made it.
    public let madeBy: String
    /// Seconds since 1970, UTC.
    public let createdAt: Int64
    /// Nil for a ban without an end.
    public let until: Int64?

    public func isOver(at seconds: Int64) -> Bool { until.map { $0 <= seconds } ?? false }
}

/// A ban to be stored.
public struct NewBan: Sendable {
    public var subject: BanSubject
    /// At most 200 characters.
    public var note: String
    /// At most 64 characters.
    public var madeBy: String
    /// Seconds since 1970, UTC; nil for a ban without an end.
    public var until: Int64?

    public init(_ subject: BanSubject, note: String = "", madeBy: String, until: Int64? = nil) {
        self.subject = subject
        self.note = note
        self.madeBy = madeBy
        self.until = until
    }

    func validate() throws(AccountsError) {
        try StoredText.validate(note, field: "note", limit: 200)
        try StoredText.validate(madeBy, field: "made_by", limit: 64)
        try StoredText.validate(end: until, field: "until", what: "a ban")
    }
}

extension BanSubject {
    /// The column that holds it, and what stands there.
    var stored: (column: String, value: Value) {
        switch self {
        case .network(let text): ("network", .text(text))
        case .user(let id): ("user_id", Value(id))
        }
    }
}

extension Ban {
    static let columns = "id, network, user_id, note, made_by, UNIX_TIMESTAMP(created_at), UNIX_TIMESTAMP(until)"

    /// From a row of `columns`.
    init(_ row: Row) throws(DatabaseError) {
        guard let id = UInt64(exactly: try row.integer(0)) else { throw Row.unusable("bans.id") }
        let subject: BanSubject
        if let network = try row.optionalText(1) {
            subject = .network(network)
        } else if let user = UserID(try row.text(2)) {
            subject = .user(user)
        } else {
            throw Row.unusable("bans.user_id is not a UUID")
        }
        self.init(
            id: id, subject: subject, note: try row.text(3), madeBy: try row.text(4), createdAt: try row.integer(5),
            until: try row.optionalInteger(6))
    }
}

import Database

/// The table `bans`: bans made by hand. It survives a reboot, which the counts of the rate table do not.
///
/// After a change that workers must see at once, move the counter of the shared table, as after one of a user.
public final class BanStore: Sendable {
    /// Days for which an ended ban is kept, for whoever asks what there was.
    public static let days = 90

    private let pool: Pool

    public init(_ pool: Pool) { self.pool = pool }

    /// Stores a ban and gives it back as it stands. One subject may have several: each ends by itself.
    /// - Throws: `notFound` when the user is gone.
    @discardableResult
    public func add(_ ban: NewBan) throws(AccountsError) -> Ban {
        try ban.validate()
        let (column, value) = ban.subject.stored
        let sql = """
            INSERT INTO bans (\(column), note, made_by, until) VALUES (?, ?, ?, FROM_UNIXTIME(?)) RETURNING \(Ban.columns)
            """
        let values = [value, .text(ban.note), .text(ban.madeBy), ban.until.map { Value($0) } ?? .null]
        let stored: [Ban]
        do throws(AccountsError) {
            stored = try pool.rows(writtenBy: sql, values) { row throws(DatabaseError) in try Ban(row) }
        } catch {
            // All but the network has been looked at; what an address is, the table knows.
            guard case .unavailable(let fault) = error, fault.kind == .unfit else { throw error }
            throw .invalid(field: "network", reason: "not an address or a network in its usual form, in lower case")
        }
        guard let stored = stored.first else { throw .unavailable(Row.unusable("bans gave no row back")) }
        return stored
    }

    /// In the order in which they were made.
    public func list(includeEnded: Bool = false) throws(AccountsError) -> [Ban] {
        let condition = includeEnded ? "" : "WHERE until IS NULL OR until > CURRENT_TIMESTAMP"
        return try pool.rows(of: "SELECT \(Ban.columns) FROM bans \(condition) ORDER BY id", []) {
            row throws(DatabaseError) in
            try Ban(row)
        }
    }

    /// Those that hold now; all of them, since one that is left out would not hold.
    public func active() throws(AccountsError) -> [Ban] { try list() }

    /// False when there is none of this number.
    @discardableResult
    public func remove(id: UInt64) throws(AccountsError) -> Bool {
        // Beyond it lies no id that Postern could have read.
        guard let id = Int64(exactly: id) else { return false }
        return try pool.write("DELETE FROM bans WHERE id = ?", [.integer(id)]) == 1
    }

    /// Removes every ban of the subject, ended ones too, and tells how many; only bans of just this network, not of
    /// those around or within it.
    @discardableResult
    public func remove(subject: BanSubject) throws(AccountsError) -> Int {
        let (column, value) = subject.stored
        return try pool.write("DELETE FROM bans WHERE \(column) = ?", [value])
    }

    /// Removes bans that ended more than 90 days ago, at most `batch` of them, and tells how many.
    public func purge(batch: Int = 100) throws(AccountsError) -> Int {
        let old = "SELECT id FROM bans WHERE until < CURRENT_TIMESTAMP - INTERVAL \(Self.days) DAY LIMIT ?"
        let ids = try pool.rows(of: old, [Value(max(batch, 0))]) { row throws(DatabaseError) in try row.integer(0) }
        return try pool.delete(ids, from: "bans")
    }
}

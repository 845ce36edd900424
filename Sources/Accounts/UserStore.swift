import Database

/// Which users a list shows.
public struct UserFilter: Sendable {
    /// A part of e-mail or name, in any case; `%` and `_` mean themselves.
    public var text: String?
    public var isActive: Bool?
    public var limit: Int
    /// Only addresses after this one: the next page begins behind the last of this.
    public var after: EmailAddress?

    public init(text: String? = nil, isActive: Bool? = nil, limit: Int = 1000, after: EmailAddress? = nil) {
        self.text = text
        self.isActive = isActive
        self.limit = limit
        self.after = after
    }
}

/// The table `users`. Values reach the server as parameters only.
///
/// After a change that others must see at once, move the counter of the shared table (design, "Tokens and keys"): this
/// type only writes the row.
public final class UserStore: Sendable {
    let pool: Pool

    public init(_ pool: Pool) { self.pool = pool }

    /// The stored user behind a token.
    public func find(id: UserID) throws(AccountsError) -> User? {
        try rows("SELECT \(User.columns) FROM users WHERE id = ?", [Value(id)]) { row throws(DatabaseError) in
            try User(row)
        }.first
    }

    public func find(email: EmailAddress) throws(AccountsError) -> User? {
        try rows("SELECT \(User.columns) FROM users WHERE email = ?", [Value(email)]) { row throws(DatabaseError) in
            try User(row)
        }.first
    }

    /// User and hash for a login, active or not: who checks the password also checks that. `network` is the client's,
    /// as `NetworkStore` writes it.
    public func credentials(email: EmailAddress, network: String) throws(AccountsError) -> Credentials? {
        let sql = """
            SELECT \(User.columns), password_hash,
            EXISTS (SELECT 1 FROM user_networks WHERE user_id = users.id AND network = ? AND \(NetworkStore.isKnown))
            FROM users WHERE email = ?
            """
        return try rows(sql, [.text(network), Value(email)]) { row throws(DatabaseError) in
            Credentials(user: try User(row), passwordHash: try row.text(9), isKnownNetwork: try row.flag(10))
        }.first
    }

    /// The addresses of several users; who is not there has none.
    public func names(of ids: [UserID]) throws(AccountsError) -> [UserID: EmailAddress] {
        var names: [UserID: EmailAddress] = [:]
        var rest = ids[...]
        while !rest.isEmpty {
            let part = rest.prefix(1000)
            let places = Array(repeating: "?", count: part.count).joined(separator: ", ")
            let sql = "SELECT id, email FROM users WHERE id IN (\(places))"
            let found = try pool.rows(of: sql, part.map { Value($0) }, isKept: false) { row throws(DatabaseError) in
                (id: UserID(try row.text(0)), email: EmailAddress(stored: try row.text(1)))
            }
            for user in found { if let id = user.id { names[id] = user.email } }
            rest = rest.dropFirst(part.count)
        }
        return names
    }

    /// Puts a stronger hash of the same password in place of `old`; tokens stay good.
    /// False when the password has changed in the meantime, or the user is gone.
    public func replaceHash(of id: UserID, old: String, new: String) throws(AccountsError) -> Bool {
        try NewUser.validate(hash: new)
        let sql = "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?"
        return try change(sql, [.text(new), Value(id), .text(old)]) == 1
    }

    /// Stores a user, active, with token version 1.
    public func add(_ user: NewUser) throws(AccountsError) {
        try user.validate()
        let sql = """
            INSERT INTO users (id, email, name, password_hash, scopes, `groups`) VALUES (?, ?, ?, ?, ?, ?)
            """
        try change(
            sql,
            [
                Value(user.id), Value(user.email), .text(user.name), .text(user.passwordHash),
                .text(Words.stored(user.scopes)), .text(Words.stored(user.groups)),
            ])
    }

    /// By e-mail, in the order of the bytes.
    public func list(_ filter: UserFilter = UserFilter()) throws(AccountsError) -> [User] {
        var conditions = ["1 = 1"]
        var values: [Value] = []
        if let text = filter.text {
            let pattern = Value(containing: text)
            conditions.append("(\(Self.search("email")) OR \(Self.search("name")))")
            values += [pattern, pattern]
        }
        if let isActive = filter.isActive {
            conditions.append("is_active = ?")
            values.append(Value(isActive))
        }
        if let after = filter.after {
            conditions.append("email > ?")
            values.append(Value(after))
        }
        let sql = """
            SELECT \(User.columns) FROM users WHERE \(conditions.joined(separator: " AND ")) ORDER BY email LIMIT ?
            """
        return try rows(sql, values + [Value(max(filter.limit, 0))]) { row throws(DatabaseError) in try User(row) }
    }

    /// A new password ends all tokens of the user.
    public func setPassword(of id: UserID, hash: String) throws(AccountsError) {
        try NewUser.validate(hash: hash)
        let sql = "UPDATE users SET password_hash = ?, token_version = token_version + 1 WHERE id = ?"
        guard try change(sql, [.text(hash), Value(id)]) == 1 else { throw .notFound }
    }

    /// A user who is disabled loses all tokens for good: enabled again, a new login is needed.
    public func setActive(_ isActive: Bool, of id: UserID) throws(AccountsError) {
        let sql = "UPDATE users SET is_active = ?, token_version = token_version + ? WHERE id = ?"
        guard try change(sql, [Value(isActive), Value(isActive ? 0 : 1), Value(id)]) == 1 else { throw .notFound }
    }

    private static func search(_ column: String) -> String {
        "\(column) COLLATE utf8mb4_unicode_520_ci LIKE ? ESCAPE '!'"
    }

    private func rows<Element>(
        _ sql: String, _ values: [Value], _ read: (Row) throws(DatabaseError) -> Element
    ) throws(AccountsError) -> [Element] {
        try pool.rows(of: sql, values, read)
    }

    @discardableResult
    private func change(_ sql: String, _ values: [Value]) throws(AccountsError) -> Int {
        do throws(AccountsError) {
            return try pool.write(sql, values)
        } catch {
            guard case .unavailable(let fault) = error, fault.kind == .duplicate else { throw error }
            throw .duplicateEmail
        }
    }
}

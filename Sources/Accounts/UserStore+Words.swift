import Database
import System

/// What the words of a user are.
public enum WordKind: Sendable {
    case scopes, groups

    var column: String { self == .scopes ? "scopes" : "`groups`" }
    var field: String { self == .scopes ? "scopes" : "groups" }
}

extension UserStore {
    /// Gives a user scopes or groups, behind those that are there, and tells which of them are new.
    /// - Throws: `invalid` for what cannot be one, `notFound`.
    public func add(_ words: [String], to kind: WordKind, of id: UserID) throws(AccountsError) -> [String] {
        var added: [String] = []
        try change(kind, of: id) { before throws(AccountsError) in
            added = words.reduce(into: []) { new, word in if !(before + new).holds(word) { new.append(word) } }
            // Only what is new: a word that somebody wrote by hand must not be in the way.
            try Words.validate(added, field: kind.field)
            let after = before + added
            try Words.validate(length: after, field: kind.field)
            return after
        }
        return added
    }

    /// Takes scopes or groups from a user, and tells which of them were there.
    /// - Throws: `notFound`.
    public func remove(_ words: [String], from kind: WordKind, of id: UserID) throws(AccountsError) -> [String] {
        var removed: [String] = []
        try change(kind, of: id) { before throws(AccountsError) in
            removed = before.filter { words.holds($0) }
            return before.filter { !words.holds($0) }
        }
        return removed
    }

    /// Writes what `edit` makes of the words, unless somebody else wrote in between: then from the start, so that of two
    /// changes at once none is lost.
    private func change(
        _ kind: WordKind, of id: UserID, _ edit: ([String]) throws(AccountsError) -> [String]
    ) throws(AccountsError) {
        let column = kind.column
        while true {
            let texts = try pool.rows(of: "SELECT \(column) FROM users WHERE id = ?", [Value(id)]) {
                row throws(DatabaseError) in try row.text(0)
            }
            guard let before = texts.first else { throw .notFound }
            let after = Words.stored(try edit(Words.read(before)))
            if hasSameBytes(before, after) { return }
            let sql = "UPDATE users SET \(column) = ? WHERE id = ? AND \(column) = ?"
            if try pool.write(sql, [.text(after), Value(id), .text(before)]) == 1 { return }
        }
    }
}

extension [String] {
    fileprivate func holds(_ word: String) -> Bool { contains { hasSameBytes($0, word) } }
}

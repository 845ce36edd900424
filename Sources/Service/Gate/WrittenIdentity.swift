import Accounts
import HTTP
import System

/// What a passed check says of a user, written once for many checks: a page asks for its sixty parts in a row.
final class WrittenIdentity: Sendable {
    /// User, e-mail, name, groups, scopes.
    let values: [HeaderValue]
    /// Those that are not empty.
    let lines: FieldLines
    private let user: User
    private let scopes: [String]

    private init(_ user: User, _ scopes: [String]) {
        self.user = user
        self.scopes = scopes
        values = [
            user.idText, user.email.text, user.name, WrittenIdentity.list(user.groups, separator: ","),
            WrittenIdentity.list(scopes, separator: " "),
        ].map { HeaderValue(words: $0) }
        let names: [HeaderName] = [.remoteUser, .remoteEmail, .remoteName, .remoteGroups, .remoteScopes]
        lines = FieldLines(zip(names, values).map { (name: $0, value: $1) }.filter { !$0.value.text.isEmpty })
    }

    /// A name with the separator in it would be read as two. Its bytes are looked at: a comma with an accent behind it is
    /// another character to Swift, and a comma to whoever splits.
    private static func list(_ names: [String], separator: Unicode.Scalar) -> String {
        names.filter { !$0.unicodeScalars.contains(separator) }.joined(separator: String(separator))
    }

    // MARK: Those written last

    private static let mostKept = 256
    private static let kept = PerThread { [UserID: WrittenIdentity]() }

    static func fields(of user: User, scopes: [String]) -> WrittenIdentity {
        kept.withValue { kept in
            if let written = kept[user.id], written.says(user, scopes) { return written }
            if kept.count >= mostKept { kept.removeAll() }
            let written = WrittenIdentity(user, scopes)
            kept[user.id] = written
            return written
        }
    }

    /// By bytes: what Unicode calls equivalent is another spelling, and whoever reads the field may compare bytes.
    private func says(_ user: User, _ scopes: [String]) -> Bool {
        if user === self.user { return isSame(scopes, self.scopes) }
        return user == self.user && isSame(user.name, self.user.name) && isSame(user.groups, self.user.groups)
            && isSame(scopes, self.scopes)
    }

    private func isSame(_ left: [String], _ right: [String]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
    }

    private func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
}

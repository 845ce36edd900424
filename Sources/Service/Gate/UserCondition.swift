import Accounts

/// A word of a requirement that asks who the user is: one of these names must be theirs, or with "!" none.
///
/// Names are compared by bytes: to Swift's `==` the Kelvin sign is a K.
struct UserCondition: Sendable, CustomStringConvertible {
    enum Kind: String {
        case scope, group, user, email

        init?(_ key: RequirementWord.Key) { self.init(rawValue: key.rawValue) }
    }

    private enum Names: Sendable {
        case scopes([String])
        case groups([String])
        case users([UserName])
        case emails([EmailPattern])
    }

    private let names: Names
    let isNegated: Bool

    /// - Parameters:
    ///   - value: names with commas between.
    ///   - fault: makes the error that names the word.
    init(
        _ kind: Kind, _ value: String, isNegated: Bool, _ fault: (String) -> RequirementFault
    ) throws(RequirementFault) {
        self.isNegated = isNegated
        let texts = value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard !texts.contains("") else { throw fault("an empty name beside a comma") }
        switch kind {
        case .scope: names = .scopes(try UserCondition.plain(texts, fault))
        case .group: names = .groups(try UserCondition.plain(texts, fault))
        case .user:
            var users: [UserName] = []
            for text in texts { users.append(try UserName(text, fault)) }
            names = .users(users)
        case .email:
            var patterns: [EmailPattern] = []
            for text in texts { patterns.append(try EmailPattern(text, fault)) }
            names = .emails(patterns)
        }
    }

    /// Scopes and groups are words of printable ASCII without `"` and `\` (RFC 6749 section 3.3): any other name is a
    /// mistake, and no user could have it.
    private static func plain(
        _ names: [String], _ fault: (String) -> RequirementFault
    ) throws(RequirementFault) -> [String] {
        for name in names where !name.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x22 && $0 != 0x5c }) {
            throw fault("a name is of printable ASCII, without space, \" and \\")
        }
        return names
    }

    /// With "!" all scopes of the user count: a token that was given less, or before the user got one, opens no more.
    ///
    /// - Parameter scopes: what the user may do with the proof at hand.
    func holds(for user: User, scopes: [String]) -> Bool {
        let isOne =
            switch names {
            case .scopes(let names): UserCondition.haveCommon(names, isNegated ? user.scopes : scopes)
            case .groups(let names): UserCondition.haveCommon(names, user.groups)
            case .users(let names): names.contains { $0.isName(of: user) }
            case .emails(let patterns): patterns.contains { $0.matches(user.email) }
            }
        return isOne != isNegated
    }

    private static func haveCommon(_ names: [String], _ held: [String]) -> Bool {
        names.contains { name in held.contains { $0.utf8.elementsEqual(name.utf8) } }
    }

    /// Scopes of which the user needs one.
    var wantedScopes: [String] {
        if case .scopes(let names) = names, !isNegated { names } else { [] }
    }

    /// For the journal, in which no line holds an e-mail: whom `user=` and `email=` name stands in nginx's files.
    var wordWithoutEmails: String {
        switch names {
        case .scopes, .groups: description
        case .users: isNegated ? "!user" : "user"
        case .emails: isNegated ? "!email" : "email"
        }
    }

    var description: String {
        let word =
            switch names {
            case .scopes(let names): "scope=" + names.joined(separator: ",")
            case .groups(let names): "group=" + names.joined(separator: ",")
            case .users(let names): "user=" + names.map(\.description).joined(separator: ",")
            case .emails(let patterns): "email=" + patterns.map(\.description).joined(separator: ",")
            }
        return (isNegated ? "!" : "") + word
    }
}

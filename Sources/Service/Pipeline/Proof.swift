import Accounts
import Tokens

/// How a user proved who they are, and what that lets them do.
enum Proof: Sendable {
    case accessToken(Claims)
    case serviceToken(ServiceTokenProof)
    /// E-mail and password with the request itself (RFC 7617); `since`: when they were checked, s since 1970.
    case password(since: Int64)

    /// What the user may do with this proof: all that the user may, or what the token was given, less what the user has
    /// lost since.
    func scopes(of user: User) -> [String] {
        switch self {
        case .password: user.scopes
        // Most tokens hold what the user has, and then nothing is taken apart.
        case .accessToken(let claims):
            Proof.isList(claims.scope, user.scopes) ? user.scopes : Proof.common(claims.scopes, user.scopes)
        case .serviceToken(let token): Proof.common(token.scopes, user.scopes)
        }
    }

    /// When the user logged in, s since 1970. A service token is no login, and an old token does not tell.
    var authenticatedAt: Int64? {
        switch self {
        case .accessToken(let claims): claims.issued
        case .password(let since): since
        case .serviceToken: nil
        }
    }

    /// Compared by bytes: two texts that Unicode calls equivalent are two scopes (RFC 6749 section 3.3).
    private static func common(_ given: [String], _ held: [String]) -> [String] {
        given.filter { scope in held.contains { $0.utf8.elementsEqual(scope.utf8) } }
    }

    /// Whether `text` is these words with a space between.
    private static func isList(_ text: String, _ words: [String]) -> Bool {
        var rest = text.utf8[...]
        for (index, word) in words.enumerated() {
            if index > 0, rest.popFirst() != UInt8(ascii: " ") { return false }
            guard rest.starts(with: word.utf8) else { return false }
            rest = rest.dropFirst(word.utf8.count)
        }
        return rest.isEmpty
    }
}

/// What a service token says, once it was found and is in force.
struct ServiceTokenProof: Sendable, Equatable {
    /// Its number, for the journal and its last use.
    let id: String
    let scopes: [String]
}

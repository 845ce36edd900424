/// What a location asks of a request, beside a user who is signed in: the tail of its check's URI,
/// `auth_request /postern/auth/group=ops,web/fresh=15m;`. Words are split at "/" and all of them must hold; a comma
/// means "any of these"; nothing is decoded.
///
/// It stands there because nothing else that a location sets reaches the check: a `fastcgi_param` does not, and would
/// fail open.
final class Requirement: Sendable, CustomStringConvertible {
    static let path = "/postern/auth"
    /// nginx takes no longer word into its configuration (NGX_CONF_BUFFER).
    static let longest = 4096

    /// As they were written, in a normal form: printed, they are a requirement again that says the same.
    let words: [RequirementWord]
    /// What the request is charged; none: it is never limited.
    let limits: [Limit]
    /// What the user must be.
    let conditions: [UserCondition]
    /// s: how old the login may be; nil: as old as the token lives.
    let maxAge: Int?
    /// Whether a CORS preflight, which never has a credential, is let through.
    let allowsPreflight: Bool
    /// All scopes that it names and does not forbid, for `scope` of a challenge (RFC 6750 section 3).
    let scopes: [String]

    /// - Parameter path: "/postern/auth", or with words behind it: "/postern/auth/limit=downloads/limit=all".
    init(path: String, rules: RateRules) throws(RequirementFault) {
        words = try Requirement.words(of: path, rules)
        var limits: [Limit] = []
        var conditions: [UserCondition] = []
        var scopes: [String] = []
        var maxAge: Int?
        var allowsPreflight = false
        for word in words {
            switch word {
            case .limit(let limit):
                if !limits.contains(where: { $0 === limit }) { limits.append(limit) }
            case .preflight: allowsPreflight = true
            case .fresh(let seconds):
                guard maxAge == nil else {
                    throw RequirementFault(word: "\(word)", reason: "a second fresh=; one login has one age")
                }
                maxAge = seconds
            case .condition(let condition):
                conditions.append(condition)
                for scope in condition.wantedScopes where !scopes.contains(scope) { scopes.append(scope) }
            }
        }
        self.limits = limits
        self.conditions = conditions
        self.scopes = scopes
        self.maxAge = maxAge
        self.allowsPreflight = allowsPreflight
    }

    private static func words(of path: String, _ rules: RateRules) throws(RequirementFault) -> [RequirementWord] {
        guard path.utf8.starts(with: Requirement.path.utf8) else {
            throw RequirementFault(word: path, reason: "is not \(Requirement.path)")
        }
        guard path.utf8.count <= longest else {
            throw RequirementFault(word: path, reason: "is longer than \(longest) bytes")
        }
        let tail = path.utf8.dropFirst(Requirement.path.utf8.count)
        let texts = tail.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        // "/postern/authX" is another path.
        guard texts.first?.isEmpty ?? true else {
            throw RequirementFault(word: path, reason: "is not \(Requirement.path)")
        }
        var words: [RequirementWord] = []
        for text in texts.dropFirst() {
            words.append(try RequirementWord(String(decoding: text, as: UTF8.self), rules))
        }
        return words
    }

    /// The path that means this requirement.
    var description: String { Requirement.path + words.map { "/\($0)" }.joined() }
}

/// A word that asks for something this release does not know, so the door stays shut.
struct RequirementFault: Error, Equatable {
    /// As it stands in the path; a long one is cut.
    let word: String
    let reason: String

    init(word: String, reason: String) {
        self.word = word.utf8.count <= 200 ? word : String(decoding: word.utf8.prefix(200), as: UTF8.self) + "..."
        self.reason = reason
    }
}

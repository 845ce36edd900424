/// What a location asks of a request, beside a user who is signed in: the tail of its check's URI,
/// `auth_request /postern/auth/limit=downloads;`.
///
/// It stands there because nothing else that a location sets reaches the check: a `fastcgi_param` does not, and would
/// fail open.
final class Requirement: Sendable {
    /// A word that asks for something this release does not know, so the door stays shut.
    struct Fault: Error, Equatable {
        let word: String
        let reason: String
    }

    static let path = "/postern/auth"

    /// What the request is charged; none: it is never limited.
    let limits: [Limit]

    /// - Parameter path: "/postern/auth", or with words behind it: "/postern/auth/limit=downloads/limit=all".
    init(path: String, rules: RateRules) throws(Fault) {
        guard path.utf8.starts(with: Requirement.path.utf8) else {
            throw Fault(word: path, reason: "is not \(Requirement.path)")
        }
        let tail = path.utf8.dropFirst(Requirement.path.utf8.count)
        var limits: [Limit] = []
        let words = tail.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        // "/postern/authX" is another path, and "/postern/auth/" a requirement that somebody forgot to write.
        guard words.first?.isEmpty ?? true else {
            throw Fault(word: path, reason: "is not \(Requirement.path)")
        }
        for word in words.dropFirst() {
            let limit = try Requirement.limit(String(decoding: word, as: UTF8.self), rules)
            if !limits.contains(where: { $0 === limit }) { limits.append(limit) }
        }
        self.limits = limits
    }

    private static func limit(_ word: String, _ rules: RateRules) throws(Fault) -> Limit {
        let key = "limit="
        guard word.utf8.starts(with: key.utf8) else { throw Fault(word: word, reason: "unknown requirement (limit)") }
        let name = String(decoding: word.utf8.dropFirst(key.utf8.count), as: UTF8.self)
        if let limit = rules.forLocation(name) { return limit }
        let reason =
            name == "login"
            ? "is for logins alone, whose success gives a place back" : "no limit of this name in [limits]"
        throw Fault(word: word, reason: reason)
    }
}

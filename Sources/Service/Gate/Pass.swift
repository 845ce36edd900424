import Accounts
import HTTP

/// The one place that opens a door: to nginx any 2xx of a check does, so no other code answers one.
enum Pass {
    /// 204 and who it is. nginx hands the fields to the application, and nothing that the client sent under their names.
    static func response(for user: User, _ proof: Proof) -> Response {
        var response = Response(.noContent)
        response.add(.remoteUser, HeaderValue(words: user.id.description))
        add(.remoteEmail, user.email.text, to: &response)
        add(.remoteName, user.name, to: &response)
        add(.remoteGroups, list(user.groups, separator: ","), to: &response)
        add(.remoteScopes, list(proof.scopes(of: user), separator: " "), to: &response)
        return response
    }

    /// A name with the separator in it would be read as two. Its bytes are looked at: a comma with an accent behind it is
    /// another character to Swift, and a comma to whoever splits.
    private static func list(_ names: [String], separator: Unicode.Scalar) -> String {
        names.filter { !$0.unicodeScalars.contains(separator) }.joined(separator: String(separator))
    }

    private static func add(_ name: HeaderName, _ text: String, to response: inout Response) {
        let value = HeaderValue(words: text)
        if !value.text.isEmpty { response.add(name, value) }
    }
}

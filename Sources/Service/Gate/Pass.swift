import Accounts
import HTTP

/// The one place that opens a door: to nginx any 2xx of a check does, so no other code answers one.
enum Pass {
    /// 204 and who it is: nginx hands the fields to the application, and nothing that the client sent under their names.
    /// To an Authorizer 200 (FastCGI 1.0, section 6.3), and the fields become variables of the request; there an empty
    /// one is sent too.
    ///
    /// A preflight that is let through has no user, and no field.
    ///
    /// lighttpd appends to a variable that is set, "anna, anna": the same user who is asked about again, for an error
    /// page, gets no variable, and a request that belongs to anybody else already stays shut.
    static func response(to request: borrowing Authenticated) throws(Problem) -> Response {
        var answer = Answer(isAuthorizer: request.request.isAuthorizer)
        let known = request.isPreflight ? nil : try request.known()
        let owner = request.request.remoteUser
        if owner.isEmpty {
            answer.add(known)
        } else if known?.user.id.description.utf8.elementsEqual(owner.utf8) != true {
            throw Problem(.forbidden, "forbidden", "You may not use this.", reason: "other_remote_user")
        }
        return answer.response
    }

    private struct Answer {
        private let isAuthorizer: Bool
        private(set) var response: Response

        init(isAuthorizer: Bool) {
            self.isAuthorizer = isAuthorizer
            response = Response(isAuthorizer ? .ok : .noContent)
        }

        mutating func add(_ known: (user: User, proof: Proof)?) {
            add(.remoteUser, .variableUser, known?.user.id.description)
            add(.remoteEmail, .variableEmail, known?.user.email.text)
            add(.remoteName, .variableName, known?.user.name)
            add(.remoteGroups, .variableGroups, known.map { Pass.list($0.user.groups, separator: ",") })
            add(.remoteScopes, .variableScopes, known.map { Pass.list($0.proof.scopes(of: $0.user), separator: " ") })
        }

        private mutating func add(_ name: HeaderName, _ variable: HeaderName, _ text: String?) {
            let value = HeaderValue(words: text ?? "")
            if isAuthorizer {
                response.add(variable, value)
            } else if !value.text.isEmpty {
                response.add(name, value)
            }
        }
    }

    /// A name with the separator in it would be read as two. Its bytes are looked at: a comma with an accent behind it is
    /// another character to Swift, and a comma to whoever splits.
    private static func list(_ names: [String], separator: Unicode.Scalar) -> String {
        names.filter { !$0.unicodeScalars.contains(separator) }.joined(separator: String(separator))
    }
}

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
        let isAuthorizer = request.request.isAuthorizer
        let known = request.isPreflight ? nil : try request.known()
        let owner = request.request.remoteUser
        guard owner.isEmpty else {
            guard known?.user.idText.utf8.elementsEqual(owner.utf8) == true else {
                throw Problem(.forbidden, "forbidden", "You may not use this.", reason: "other_remote_user")
            }
            return Response(isAuthorizer ? .ok : .noContent)
        }
        let fields = known.map { WrittenIdentity.fields(of: $0.user, scopes: $0.proof.scopes(of: $0.user)) }
        return isAuthorizer ? variables(fields) : Response(.noContent, lines: fields?.lines ?? FieldLines())
    }

    private static func variables(_ fields: WrittenIdentity?) -> Response {
        let names: [HeaderName] = [
            .variableUser, .variableEmail, .variableName, .variableGroups, .variableScopes,
        ]
        var response = Response(.ok)
        for (index, name) in names.enumerated() {
            response.add(name, fields?.values[index] ?? HeaderValue(words: ""))
        }
        return response
    }
}

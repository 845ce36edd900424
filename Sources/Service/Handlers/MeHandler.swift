import HTTP

/// `GET /me`: who the token belongs to, in the words of the service that Postern replaces.
enum MeHandler {
    static let route = Route(["GET"], "/me", access: .user, limit: .api) { request throws(Problem) in
        let user = try request.knownUser()
        var json = JSONObject()
        json.add("client_id", user.idText)
        json.add("email", user.email.text)
        json.add("client_name", user.name)
        var response = Response(.ok, json: json)
        response.add(.cacheControl, .noStore)
        return .now(response)
    }
}

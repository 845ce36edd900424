import HTTP

/// `GET /me`: who the token belongs to, in the words of the service that Postern replaces.
enum MeHandler {
    static let route = Route(["GET"], "/me", access: .user, limit: .api) { request throws(Problem) in
        // The access rule lets nobody without a user come here; if it ever did, the door stays shut.
        guard let user = request.user else {
            throw Problem(.internalServerError, "internal_error", "Something is wrong here.")
        }
        var json = JSONObject()
        json.add("client_id", user.id.description)
        json.add("email", user.email.text)
        json.add("client_name", user.name)
        var response = Response(.ok, json: json)
        response.add(.cacheControl, .noStore)
        return .now(response)
    }
}

/// A refusal that the client can read: RFC 9457 problem details with our `code`, `message` and `trace`.
public struct Problem: Error, Sendable {
    public enum Member: Sendable {
        case text(String)
        case texts([String])
        case number(Int)
    }

    public var status: Status
    /// Stable and in snake_case; programs switch on it.
    public var code: StaticString
    /// For a person.
    public var message: String
    /// The request field at fault, where there is one.
    public var field: String?
    /// Further response headers: WWW-Authenticate, Allow, Retry-After.
    public var headers: [(name: HeaderName, value: HeaderValue)] = []
    /// A problem type of its own; else "about:blank" (RFC 9457 section 4.2.1).
    public var type = "about:blank"
    public var title: String?
    /// Further members.
    public var members: [(name: String, value: Member)] = []
    /// A body in the shape of another protocol in place of ours: the token endpoint's (RFC 6749 section 5.2).
    public var foreignBody: JSONObject?
    /// For the journal only, never for the client.
    public var reason: String?
    /// What the reason is about, for the journal only: `word` of its line.
    public var word: String?

    public init(_ status: Status, _ code: StaticString, _ message: String, field: String? = nil, reason: String? = nil)
    {
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.reason = reason
    }

    public func with(_ name: HeaderName, _ value: HeaderValue) -> Problem {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }

    public func header(_ name: HeaderName) -> String? { headers.first { $0.name == name }?.value.text }

    /// - Parameter trace: the request id that stands in the journal.
    public func response(trace: String) -> Response {
        var response =
            foreignBody.map { Response(status, json: $0) }
            ?? Response(
                status, json: json(trace: trace), type: .problemJSON)
        for header in headers { response.add(header.name, header.value) }
        return response
    }

    private func json(trace: String) -> JSONObject {
        var json = JSONObject()
        json.add("type", type)
        json.add("title", title ?? status.phrase)
        json.add("status", status.rawValue)
        json.add("code", "\(code)")
        json.add("message", message)
        if let field { json.add("field", field) }
        for member in members {
            switch member.value {
            case .text(let text): json.add(member.name, text)
            case .texts(let texts): json.add(member.name, texts)
            case .number(let number): json.add(member.name, number)
            }
        }
        json.add("trace", trace)
        return json
    }
}

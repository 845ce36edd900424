/// What the worker is asked to do; told by POSTERN_ROLE, a parameter that only nginx sets.
public enum Role: String, Sendable {
    /// Postern's own API at the root of a virtual host.
    case api
    /// The answer to nginx's `auth_request`.
    case check
    /// Pages for browsers, under /postern/.
    case page
    /// The worded refusal behind `error_page`.
    case denied
}

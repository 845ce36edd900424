import HTTP

/// A CORS preflight (Fetch Standard, section 3.2.2): a browser asks before a page of another origin may send the real
/// request. It never carries a credential, so a location that pages of others call lets it through with `preflight`;
/// the application behind it says which origins may.
enum Preflight {
    static func isOne(_ request: Request) -> Bool {
        request.method == "OPTIONS" && request.headers["authorization"] == nil && request.headers["origin"] != nil
            && request.headers["access-control-request-method"] != nil
    }
}

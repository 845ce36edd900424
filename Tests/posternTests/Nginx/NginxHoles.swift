import Testing

@testable import postern

/// A hole, the same mended, and how the hole is named.
struct Hole: CustomTestStringConvertible, Sendable {
    let name: String
    let open: String
    let mended: String
    let state: Finding.State
    let detail: String

    init(_ name: String, _ open: String, mended: String, _ state: Finding.State, _ detail: String) {
        (self.name, self.open, self.mended, self.state, self.detail) = (name, open, mended, state, detail)
    }

    var testDescription: String { name }
}

/// What the holes are made of, and those through which a path gets past its check.
extension NginxFindingTests {
    static let gate = "include snippets/postern.conf;\n"
    static let php = "include snippets/fastcgi-php.conf; fastcgi_pass unix:/run/php.sock;"
    static let goodPHP =
        "include snippets/fastcgi-php.conf; include snippets/postern-identity-fastcgi.conf; fastcgi_pass unix:/run/php.sock;"
    static let goodProxyTo =
        "include proxy_params; include snippets/postern-identity-proxy.conf; proxy_pass http://127.0.0.1:3000"
    static let goodProxy = goodProxyTo + ";"

    static let coverage = [
        Hole(
            "a regular expression beats a prefix",
            "location /wp-admin/ { auth_request /postern/auth; }\nlocation ~ \\.php$ { \(goodPHP) }",
            mended: "location ^~ /wp-admin/ { auth_request /postern/auth; }\nlocation ~ \\.php$ { \(goodPHP) }", .fail,
            "shop.example.com: /wp-admin/x.php is answered by \"location ~ \\.php$\" (shop.conf:5), not by "
                + "\"location /wp-admin/\" (shop.conf:4): no check runs"),
        Hole(
            "a regular expression with pictures beats a prefix",
            "location /ops/ { auth_request /postern/auth; } location ~* \\.(css|png)$ { expires 30d; }",
            mended:
                "location /ops/ { auth_request /postern/auth; } location ~* \\.(css|png)$ { auth_request /postern/auth; }",
            .fail, "/ops/x.css is answered by \"location ~* \\.(css|png)$\""),
        Hole(
            "another check runs there",
            "auth_request /postern/auth; location /ops/ { auth_request /postern/auth/limit=downloads; } location ~ \\.txt$ { }",
            mended: "auth_request /postern/auth; location ^~ /ops/ { auth_request /postern/auth/limit=downloads; } "
                + "location ~ \\.txt$ { }", .fail,
            "another check runs (/postern/auth, not /postern/auth/limit=downloads)"),
        Hole(
            "an expression that a nested location cannot keep out",
            "location /a/ { location /a/b/ { auth_request /postern/auth; } } location ~ ^/a/.*\\.txt$ { }",
            mended: "location ^~ /a/ { location /a/b/ { auth_request /postern/auth; } } location ~ ^/a/.*\\.txt$ { }",
            .fail,
            "is answered by \"location ~ ^/a/.*\\.txt$\" (shop.conf:4), not by \"location /a/b/\""),
        Hole(
            "an expression that nobody here understands",
            "location /ops/ { auth_request /postern/auth; } location ~ (?<=x)y { }",
            mended: "location ^~ /ops/ { auth_request /postern/auth; } location ~ (?<=x)y { }", .warn,
            "is to be seen by hand"),
        Hole(
            "a longer prefix beside it",
            "location /ops/ { auth_request /postern/auth; }\nlocation /ops/static/ { }",
            mended: "location /ops/ { auth_request /postern/auth; }\nlocation /ops/static/ { auth_request off; }",
            .warn,
            "\"location /ops/static/\" (shop.conf:5) is open below the protected \"location /ops/\" (shop.conf:4)"),
        Hole(
            "a script with a path behind its name",
            "location = /login.php { auth_request /postern/auth; \(goodPHP) }\nlocation ~ \\.php$ { \(goodPHP) }",
            mended:
                "location ^~ /login.php { auth_request /postern/auth; \(goodPHP) }\nlocation ~ \\.php$ { \(goodPHP) }",
            .fail,
            "/login.php/x.php is answered by \"location ~ \\.php$\" (shop.conf:5), which runs the script of "
                + "\"location = /login.php\" (shop.conf:4)"),
        Hole(
            "a script that is denied, with a path behind its name",
            "auth_request /postern/auth; location = /old.php { deny all; } location ~ \\.php$ { \(goodPHP) }",
            mended: "auth_request /postern/auth; location ^~ /old.php { deny all; } location ~ \\.php$ { \(goodPHP) }",
            .fail, "/old.php/x.php is answered by"),
        Hole(
            "an open path as the client wrote it",
            "location / { auth_request /postern/auth; \(goodProxy) }\nlocation = /status { \(goodProxy) }",
            mended:
                "location / { auth_request /postern/auth; \(goodProxy) }\nlocation = /status { \(goodProxyTo)/status; }",
            .warn, "open \"location = /status\" (shop.conf:5) hands on the path as the client wrote it"),
        Hole(
            "slashes are not merged", "merge_slashes off; location /ops/ { auth_request /postern/auth; }",
            mended: "location /ops/ { auth_request /postern/auth; }", .fail, "//ops/ is not answered by"),
    ]
}

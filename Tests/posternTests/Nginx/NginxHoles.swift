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

/// What the holes are made of: paths that get past a check, identity that a client chooses, refusals that are lost.
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
            "an expression above a guarded one",
            "location ~ \\.php$ { \(goodPHP) }\nlocation ~ ^/admin/ { auth_request /postern/auth; \(goodPHP) }",
            mended: "location ~ ^/admin/ { auth_request /postern/auth; \(goodPHP) }\nlocation ~ \\.php$ { \(goodPHP) }",
            .fail,
            "/admin/x.php is answered by \"location ~ \\.php$\" (shop.conf:4), not by \"location ~ ^/admin/\" (shop.conf:5): "
                + "no check runs"),
        Hole(
            "an open folder above guarded scripts",
            "location ~ ^/(a|b)/ { }\nlocation ~* \\.(php|phtml)$ { auth_request /postern/auth; \(goodPHP) }",
            mended:
                "location ~ ^/(a|b)/ { auth_request off; }\nlocation ~* \\.(php|phtml)$ { auth_request /postern/auth; "
                + "\(goodPHP) }", .fail, "/a/x.php is answered by \"location ~ ^/(a|b)/\" (shop.conf:4)"),
        Hole(
            "another check above a guarded expression",
            "location ~ \\.txt$ { auth_request /postern/auth; }\n"
                + "location ~ ^/ops/ { auth_request /postern/auth/limit=downloads; }",
            mended: "location ~ ^/ops/ { auth_request /postern/auth/limit=downloads; }\n"
                + "location ~ \\.txt$ { auth_request /postern/auth; }", .fail,
            "another check runs (/postern/auth, not /postern/auth/limit=downloads)"),
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

    static let identity = [
        Hole(
            "PHP with the client's REMOTE_USER",
            "location ^~ /a/ { auth_request /postern/auth; location ~ \\.php$ { \(php) } }",
            mended: "location ^~ /a/ { auth_request /postern/auth; location ~ \\.php$ { \(goodPHP) } }", .fail,
            "protected \"location ~ \\.php$\" (shop.conf:4) sends REMOTE_USER of the client (fastcgi.conf:4)"),
        Hole(
            "open PHP in a vhost with a check",
            "location ^~ /a/ { auth_request /postern/auth; } location ~ \\.php$ { \(php) }",
            mended: "location ^~ /a/ { auth_request /postern/auth; } location ~ \\.php$ { \(goodPHP) }", .warn,
            "open \"location ~ \\.php$\" (shop.conf:4) sends REMOTE_USER of the client"),
        Hole(
            "the snippet before fastcgi.conf",
            "location /a/ { auth_request /postern/auth; include snippets/postern-identity-fastcgi.conf; \(php) }",
            mended: "location /a/ { auth_request /postern/auth; \(goodPHP) }", .fail, "sends REMOTE_USER of the client"),
        Hole(
            "FastCGI without any identity",
            "location /a/ { auth_request /postern/auth; fastcgi_pass unix:/run/app.sock; }",
            mended: "location /a/ { auth_request /postern/auth; include snippets/postern-identity-fastcgi.conf; "
                + "fastcgi_pass unix:/run/app.sock; }", .fail, "lets the client's own Remote-User through"),
        Hole(
            "a proxied application without the snippet",
            "location /a/ { auth_request /postern/auth; include proxy_params; proxy_pass http://127.0.0.1:3000; }",
            mended: "location /a/ { auth_request /postern/auth; \(goodProxy) }", .fail,
            "protected \"location /a/\" (shop.conf:4) lets the client's own Remote-User through to the application"),
        Hole(
            "identity set where it is dropped",
            "include snippets/postern-identity-proxy.conf;\n"
                + "location /a/ { auth_request /postern/auth;\nproxy_set_header Host $host; proxy_pass http://127.0.0.1:3000; }",
            mended: "location /a/ { auth_request /postern/auth;\nproxy_set_header Host $host; "
                + "include snippets/postern-identity-proxy.conf; proxy_pass http://127.0.0.1:3000; }", .fail,
            "is dropped, because location /a/ has a proxy_set_header of its own (shop.conf:6)"),
        Hole(
            "an open proxied location",
            "auth_request /postern/auth;\n"
                + "location = /open { auth_request off; proxy_pass http://127.0.0.1:3000; }",
            mended: "auth_request /postern/auth;\nlocation = /open { auth_request off; \(goodProxy) }", .warn,
            "open \"location = /open\" (shop.conf:5) lets the client's own Remote-User through"),
        Hole(
            "the client's name handed on",
            "location /a/ { auth_request /postern/auth; \(goodProxy) proxy_set_header Remote-User $remote_user; }",
            mended: "location /a/ { auth_request /postern/auth; \(goodProxy) }", .fail,
            "sends Remote-User of the client"),
        Hole(
            "a name of the query handed on",
            "location /a/ { auth_request /postern/auth; \(goodProxy) proxy_set_header Remote-User x${arg_user}; }",
            mended: "location /a/ { auth_request /postern/auth; \(goodProxy) proxy_set_header Remote-User anna; }",
            .fail,
            "sends Remote-User of the client"),
        Hole(
            "a name that the check did not say",
            "auth_request_set $me $upstream_http_remote_user; auth_request_set $you $arg_user;\n"
                + "location /a/ { auth_request /postern/auth; \(goodProxy) proxy_set_header Remote-User $you; }",
            mended: "auth_request_set $me $upstream_http_remote_user;\n"
                + "location /a/ { auth_request /postern/auth; \(goodProxy) proxy_set_header Remote-User $me; }", .fail,
            "sends Remote-User from $you (shop.conf:5)"),
        Hole(
            "uwsgi without identity", "location /a/ { auth_request /postern/auth; uwsgi_pass 127.0.0.1:1; }",
            mended: "location /a/ { auth_request /postern/auth; uwsgi_pass 127.0.0.1:1; uwsgi_pass_request_headers off;"
                + ["USER", "EMAIL", "NAME", "GROUPS", "SCOPES"].map { "uwsgi_param REMOTE_\($0) $postern_user;" }
                .joined() + "}",
            .fail, "lets the client's own Remote-User through"),
        Hole(
            "fcgiwrap takes the first of two values",
            "location /a/ { auth_request /postern/auth; include fastcgi.conf; include snippets/postern-identity-fastcgi.conf; "
                + "fastcgi_pass unix:/run/fcgiwrap.socket; }",
            mended: "location /a/ { auth_request /postern/auth; include snippets/postern-identity-fastcgi.conf; "
                + "include fastcgi.conf; include snippets/postern-identity-fastcgi.conf; "
                + "fastcgi_pass unix:/run/fcgiwrap.socket; }", .fail, "sends REMOTE_USER of the client (fastcgi.conf:4)"
        ),
        Hole(
            "one user's page for all", "location /a/ { auth_request /postern/auth; \(goodProxy) proxy_cache zone; }",
            mended: "location /a/ { auth_request /postern/auth; \(goodProxy) proxy_cache zone; "
                + "proxy_cache_key $uri$postern_user; }", .warn, "is shown to all"),
        Hole(
            "names that PHP reads like ours",
            "ignore_invalid_headers off; location /a/ { auth_request /postern/auth; }",
            mended: "location /a/ { auth_request /postern/auth; }", .warn, "\"Remote.User\""),
    ]

    static let refusals = [
        Hole(
            "an error_page that hides ours",
            "location /a/ { auth_request /postern/auth; error_page 401 /login.html; }",
            mended:
                "location /a/ { auth_request /postern/auth; error_page 401 403 = @postern_denied; "
                + "error_page 500 = @postern_away; error_page 404 /x; }",
            .warn,
            "\"location /a/\" (shop.conf:4): \"error_page 401 /login.html\" (shop.conf:4) hides Postern's answer for 401, 403 and 500"
        ),
        Hole(
            "an error_page for something else drops ours",
            "location /a/ { auth_request /postern/auth; error_page 404 /404.html; }",
            mended: "error_page 404 /404.html; location /a/ { auth_request /postern/auth; }", .warn,
            "drops those of the snippet, and so Postern's answer for 401, 403 and 500"),
        Hole(
            "an error_page that leads to the same content",
            "location /a/ { auth_request /postern/auth; error_page 401 =200 @content; } location @content { }",
            mended: "location /a/ { auth_request /postern/auth; } location @content { }", .fail,
            "\"error_page 401 =200 @content\" (shop.conf:4) leads who is refused to \"location @content\" (shop.conf:4), which "
                + "shows the same content without a check"),
        Hole(
            "an error_page for dead programs hides that Postern is away",
            "location /a/ { auth_request /postern/auth; error_page 401 403 = @postern_denied; error_page 500 502 /50x.html; }",
            mended: "error_page 500 502 /50x.html; location /a/ { auth_request /postern/auth; }", .warn,
            "\"error_page 500 502 /50x.html\" (shop.conf:4) hides Postern's answer for 500"),
        Hole(
            "an auth_request_set of its own",
            "location /a/ { auth_request /postern/auth; auth_request_set $me $upstream_http_remote_user; }",
            mended: "auth_request_set $me $upstream_http_remote_user; location /a/ { auth_request /postern/auth; }",
            .warn,
            "an auth_request_set of its own (shop.conf:4) drops those of the snippet"),
        Hole(
            "satisfy any with an address",
            "location /a/ { auth_request /postern/auth; satisfy any; allow 10.0.0.0/8; deny all; }",
            mended: "location /a/ { auth_request /postern/auth; satisfy all; allow 10.0.0.0/8; deny all; }", .warn,
            "satisfy any (shop.conf:4): who passes \"allow\" (shop.conf:4) is not checked"),
        Hole(
            "satisfy any for everybody", "location /a/ { auth_request /postern/auth; satisfy any; allow all; }",
            mended: "location /a/ { auth_request /postern/auth; allow all; }", .fail, "and that is everybody"),
        Hole(
            "return runs before the check", "location /a/ { auth_request /postern/auth; return 200 secret; }",
            mended: "location /a/ { auth_request /postern/auth; return 404; }", .fail,
            "runs before the check: everybody gets"),
        Hole(
            "return within if", "location /a/ { auth_request /postern/auth; if ($arg_x) { return 200 secret; } }",
            mended: "location /a/ { auth_request /postern/auth; if ($arg_x) { return 403; } }", .fail,
            "everybody gets this answer"),
        Hole(
            "a redirect runs before the check",
            "location /a/ { auth_request /postern/auth; return 302 http://10.0.0.1/; }",
            mended:
                "location /a/ { auth_request off; return 302 http://10.0.0.1/; } location /b/ { auth_request /postern/auth; }",
            .warn, "is told where it leads"),
        Hole(
            "rewrite leaves the location", "location /a/ { auth_request /postern/auth; rewrite ^/a/(.*)$ /$1 last; }",
            mended: "location /a/ { auth_request /postern/auth; rewrite ^/a/(.*)$ /$1 break; }", .warn,
            "runs before the check"),
        Hole(
            "a certificate that cannot be renewed", "listen 80; auth_request /postern/auth;",
            mended:
                "listen 80; auth_request /postern/auth; location ^~ /.well-known/acme-challenge/ { auth_request off; }",
            .warn, "certbot --webroot will fail"),
        Hole(
            "an unknown word", "location /a/ { auth_request /postern/auth/limt=downloads; }",
            mended: "location /a/ { auth_request /postern/auth/limit=downloads; }", .fail,
            "\"limt=downloads\": unknown requirement"),
        Hole(
            "an unknown limit", "location /a/ { auth_request /postern/auth/limit=download; }",
            mended: "location /a/ { auth_request /postern/auth/limit=downloads; }", .fail,
            "\"limit=download\": no limit of this name in [limits]"),
        Hole(
            "everybody's address", "set_real_ip_from 0.0.0.0/0; location /a/ { auth_request /postern/auth; }",
            mended: "set_real_ip_from 10.0.0.0/8; location /a/ { auth_request /postern/auth; }", .fail,
            "every client chooses its own address"),
        Hole(
            "everybody's IPv6 address", "set_real_ip_from ::/0; location /a/ { auth_request /postern/auth; }",
            mended: "set_real_ip_from fd00::/8; location /a/ { auth_request /postern/auth; }", .fail,
            "every client chooses its own address"),
    ]
}

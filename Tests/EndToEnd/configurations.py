"""Ways to write a server with the gate: what nginx makes of each. The table of test_gate_configurations.py."""

from dataclasses import dataclass

CHECK = "auth_request /postern/auth;"
NOBODY = "auth_request /postern/auth/user=nobody@example.test;"  # a user passes the check, and not this requirement
KEPT = f"location /kept/ {{ {CHECK} }}"
KEPT_FIRST = f"location ^~ /kept/ {{ {CHECK} }}"
STRICT = 'location ~* "^/kept(?:[/;.]|$)" { return 404; }'
APP = "proxy_pass http://127.0.0.1:{app};"
HANDS_ON = f"location /app/ {{ {CHECK} {APP} }}"
INTERCEPTS = f"location /app/ {{ {CHECK} proxy_intercept_errors on; {APP} }}"
CACHES = "fastcgi_cache zone; fastcgi_cache_key $request_uri; fastcgi_cache_valid any 1h;"
ANYWHERE = "if (!-e $request_filename) { rewrite ^ /open/page.txt last; }"
AGAIN = "error_page 401 403 = @postern_denied; error_page 500 = @postern_away;"
SAYS_IT = 'return 200 "kept behind the gate";'


@dataclass(frozen=True)
class Row:
    """Statuses for a stranger and for a user; `leaks` where the stranger sees what should be kept."""

    name: str
    config: str
    path: str = "/kept/page.txt"
    stranger: int = 401
    user: int = 200
    leaks: bool = False
    method: str = "GET"
    before: str = ""  # of the server, before the snippet is included
    included: bool = True
    body: int = 0  # bytes of a POST
    named: str | None = None  # how postern check names the door; None: it does not


# What the check keeps. {root} is the site's folder, {app} an application's port, and /kept/ holds what is kept.
SHUT = [
    Row("a location", KEPT),
    Row("a location without the slash", f"location /kept {{ {CHECK} }}"),
    Row("the server", CHECK),
    Row("a regular expression", f"location ~ ^/kept/ {{ {CHECK} }}"),
    Row("one that ignores case", f"location ~* ^/KEPT/ {{ {CHECK} }}"),
    Row("an exact location", f"location = /kept/page.txt {{ {CHECK} }}"),
    Row("inherited by a location", f"{CHECK} location /kept/ {{ }}"),
    Row("inherited by a regular expression", rf"{CHECK} location ~ \.txt$ {{ }}"),
    Row(
        "inherited by an inner location",
        f"location /kept/ {{ {CHECK} location /kept/sub/ {{ }} }}",
        "/kept/sub/page.txt",
    ),
    Row("inherited by an inner expression", rf"location ^~ /kept/ {{ {CHECK} location ~ \.txt$ {{ }} }}"),
    Row(
        "inherited over two levels",
        rf"location /kept/ {{ {CHECK} location /kept/sub/ {{ location ~ \.txt$ {{ }} }} }}",
        "/kept/sub/page.txt",
    ),
    Row("^~ beats the expression", rf"location ^~ /kept/ {{ {CHECK} }} location ~ \.txt$ {{ }}"),
    Row("a location asks for more than the server", f"{CHECK} location /kept/ {{ {NOBODY} }}", user=403),
    Row(
        "an inner location asks for more", rf"location ^~ /kept/ {{ {CHECK} location ~ txt {{ {NOBODY} }} }}", user=403
    ),
    Row("an inner location asks for less: its line counts", f"{NOBODY} location /kept/ {{ {CHECK} }}"),
    Row("off for the server, on inside", f"auth_request off; {KEPT}"),
    Row("off outside, on for the inner", f"location / {{ auth_request off; {KEPT} }}"),
    Row("off elsewhere", f"{CHECK} location /open/ {{ auth_request off; }}"),
    Row("an if that sets", f"location /kept/ {{ {CHECK} if ($arg_a) {{ set $b 1; }} }}", "/kept/page.txt?a=1"),
    Row(
        "an if with settings of its own",
        f"location /kept/ {{ {CHECK} if ($arg_a) {{ expires 1h; }} }}",
        "/kept/page.txt?a=1",
    ),
    Row("limit_except lets GET on to the check", f"location /kept/ {{ {CHECK} limit_except GET {{ deny all; }} }}"),
    Row(
        "limit_except keeps the check for what it is about",
        f"location /kept/ {{ {CHECK} limit_except GET {{ allow all; }} }}",
        method="POST",
        user=405,
    ),
    Row("deny is nginx's own 403", f"location /kept/ {{ {CHECK} deny all; }}", stranger=403, user=403),
    Row("try_files", f"location /kept/ {{ {CHECK} try_files $uri =404; }}"),
    Row(
        "try_files, last one a kept path", f"location /open/ {{ try_files /none /kept/page.txt; }} {KEPT}", "/open/none"
    ),
    Row(
        "try_files, last one a named location",
        f"location /kept/ {{ {CHECK} try_files /none @app; }} location @app {{ {APP} }}",
    ),
    Row("error_page to a kept path", f"error_page 404 /kept/page.txt; {KEPT}", "/none", user=404),
    Row("error_page =200 to a kept path", f"error_page 404 =200 /kept/page.txt; {KEPT}", "/none"),
    Row("rewrite last of the server", f"rewrite ^/old/(.*)$ /kept/$1 last; {KEPT}", "/old/page.txt"),
    Row(
        "rewrite last of a location", f"location /old/ {{ rewrite ^/old/(.*)$ /kept/$1 last; }} {KEPT}", "/old/page.txt"
    ),
    Row("rewrite before try_files", f"location /old/ {{ rewrite ^ /kept/page.txt; }} {KEPT}", "/old/x"),
    Row("alias", f"location /files/ {{ {CHECK} alias {{root}}/kept/; }}", "/files/page.txt"),
    Row(
        "alias with an expression", f"location ~ ^/files/(.*)$ {{ {CHECK} alias {{root}}/kept/$1; }}", "/files/page.txt"
    ),
    Row("a folder's index", KEPT, "/kept/"),
    Row("an index elsewhere that is kept", f"location /open/ {{ index /kept/page.txt; }} {KEPT}", "/open/"),
    Row("a folder without the slash is only sent to it", KEPT, "/kept", stranger=301, user=301),
    Row("a list of the folder", f"location /kept/sub/ {{ {CHECK} autoindex on; }}", "/kept/sub/"),
    Row("mirror", f"location /kept/ {{ {CHECK} mirror /copy; }} location /copy {{ internal; return 204; }}"),
    Row("satisfy any, and denied to all", f"location /kept/ {{ {CHECK} satisfy any; deny all; }}"),
    Row("satisfy any with auth_basic", f"location /kept/ {{ {CHECK} satisfy any; {{basic}} }}"),
    Row("auth_basic beside it wants the same header", f"location /kept/ {{ {CHECK} {{basic}} }}", user=401),
    Row("X-Accel-Redirect of an open application", f"location /app/ {{ {APP} }} {KEPT}", "/app/accel"),
    Row("an error of the application, intercepted", INTERCEPTS, "/app/500", user=500),
    Row("its 403, intercepted", INTERCEPTS, "/app/403", user=403),
    Row("its 401, intercepted", INTERCEPTS, "/app/401", user=401),
    Row("its 500, as it is", HANDS_ON, "/app/500", user=500),
    Row(
        "error_page of the location: shut, and worded by nginx",
        f"location /kept/ {{ {CHECK} error_page 404 /open/page.txt; }}",
    ),
    Row(
        "the gate's error_pages again beside it",
        f"location /kept/ {{ {CHECK} {AGAIN} error_page 404 /open/page.txt; }}",
    ),
    Row("error_page 401 of the location", f"location /kept/ {{ {CHECK} error_page 401 /open/page.txt; }}"),
    Row(
        "error_page 401 =200 of the location",
        f"location /kept/ {{ {CHECK} error_page 401 =200 /open/page.txt; }}",
        stranger=200,
    ),
    Row(
        "auth_request_set of the location: shut, and the gate's are gone",
        f"location /kept/ {{ {CHECK} auth_request_set $who $upstream_http_remote_user; }}",
        stranger=403,
    ),
    Row("variables of the gate, set by the site", f"set $postern_status 204; set $postern_user root; {KEPT}"),
    Row("error pages that follow error pages", f"recursive_error_pages on; {KEPT}"),
    Row("and a deny", f"recursive_error_pages on; location /kept/ {{ {CHECK} deny all; }}", stranger=403, user=403),
    Row("and an error of the application", f"recursive_error_pages on; {INTERCEPTS}", "/app/500", user=500),
    # What a site sets for its PHP does not reach the check.
    Row("the site's fastcgi_cache", f"{CACHES} {KEPT}"),
    Row(
        "the site's intercepted errors",
        f"fastcgi_intercept_errors on; location /kept/ {{ {NOBODY} }}",
        user=200,
        before="error_page 401 403 =200 /open/page.txt;",
        stranger=200,
    ),
    Row("the site's page for a dead PHP", KEPT, before="error_page 500 502 503 504 =200 /open/page.txt;"),
    Row(
        "the site's body size",
        f"client_max_body_size 1k; location /kept/ {{ {CHECK} client_max_body_size 1m; }}",
        method="POST",
        body=5000,
        user=405,
    ),
    Row("the site's fastcgi_param", f"fastcgi_param POSTERN_ROLE page; fastcgi_param REQUEST_METHOD OPTIONS; {KEPT}"),
    Row("the site's fastcgi_pass_request_headers", f"fastcgi_pass_request_headers off; {KEPT}"),
    Row("a rewrite of everything, after the include", f"{ANYWHERE} {KEPT}"),
    # Spellings of a path.
    Row("an encoded letter", KEPT, "/%6bept/page.txt"),
    Row("an encoded slash", KEPT, "/kept%2fpage.txt"),
    Row("doubled slashes", KEPT, "//kept//page.txt"),
    Row("a detour", KEPT, "/open/../kept/page.txt"),
    Row("an encoded detour", KEPT, "/open/%2e%2e/kept/page.txt"),
    Row("a detour that ends in it", KEPT, "/kept/sub/../page.txt"),
    Row("an absolute address", KEPT, "https://127.0.0.1/kept/page.txt"),
    Row("looser spellings are refused", f"{STRICT} {KEPT_FIRST}", "/KEPT/page.txt", stranger=404, user=404),
    Row("and one with a parameter", f"{STRICT} {KEPT_FIRST}", "/kept;x/page.txt", stranger=404, user=404),
    Row("and the right one is not", f"{STRICT} {KEPT_FIRST}"),
    # What was written wrongly stays shut.
    Row("a slip in the path of the check", "location /kept/ { auth_request /postern/auht; }", stranger=503, user=503),
    Row("a path that goes on", "location /kept/ { auth_request /postern/authorised; }", stranger=403, user=403),
    Row("a slash too many", "location /kept/ { auth_request /postern/auth/; }", stranger=403, user=403),
    Row("an unknown word", "location /kept/ { auth_request /postern/auth/grup=ops; }", stranger=403, user=403),
    Row("no snippet in the server", KEPT, included=False, stranger=500, user=500),
]

# Doors that nginx itself leaves open. docs/nginx.md warns of each.
OPEN = [
    Row("off is off", f"{CHECK} location /kept/ {{ auth_request off; }}"),
    Row("off in the inner location", rf"location /kept/ {{ {CHECK} location ~ \.txt$ {{ auth_request off; }} }}"),
    Row("an expression beats the prefix", rf"{KEPT} location ~ \.txt$ {{ }}", named="no check runs"),
    Row("an exact location beats it", f"{KEPT} location = /kept/page.txt {{ }}"),
    Row("a longer prefix beats it", f"{KEPT} location /kept/pa {{ }}", named="is open below the protected"),
    Row("return comes before the check", f"location /kept/ {{ {CHECK} {SAYS_IT} }}", named="runs before the check"),
    Row(
        "return in an if too",
        f"location /kept/ {{ {CHECK} if ($arg_a) {{ {SAYS_IT} }} }}",
        "/kept/page.txt?a=1",
        named="runs before the check",
    ),
    Row(
        "satisfy any and an address that is allowed",
        f"location /kept/ {{ {CHECK} satisfy any; allow 127.0.0.0/8; deny all; }}",
        named="is not checked",
    ),
    Row(
        "rewrite break takes the file from an open location",
        f"location /old/ {{ rewrite ^/old/(.*)$ /kept/$1 break; }} {KEPT}",
        "/old/page.txt",
    ),
    Row(
        "try_files takes the file from an open location",
        f"location /old/ {{ try_files /kept/page.txt =404; }} {KEPT}",
        "/old/x",
    ),
    Row(
        "alias of an open location to the same folder",
        f"location /files/ {{ alias {{root}}/kept/; }} {KEPT}",
        "/files/page.txt",
    ),
    Row("alias without the slash", f"location /open {{ alias {{root}}/open/; }} {KEPT}", "/open../kept/page.txt"),
    Row("merge_slashes off", f"merge_slashes off; {KEPT}", "//kept/page.txt", named="merge_slashes off"),
    Row("a part of an open page (SSI)", f"location /open/ {{ ssi on; }} {KEPT}", "/open/parts.html"),
    Row(
        "a part of an open page (addition)",
        f"location /open/ {{ add_after_body /kept/page.txt; }} {KEPT}",
        "/open/page.html",
    ),
    Row(
        "error_page to the same content",
        f"location /kept/ {{ {CHECK} error_page 401 =200 @content; }} location @content {{ }}",
        named="shows the same content",
    ),
    Row("a rewrite of everything, before the include", KEPT, before=ANYWHERE, named="leads the check"),
    Row(
        "no snippet, and a site that answers every path",
        f"location / {{ try_files $uri /open/page.txt; }} {KEPT}",
        included=False,
        named="is not answered by Postern",
    ),
]

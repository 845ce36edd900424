"""docs/examples/lighttpd/postern.conf as shipped: Postern as the FastCGI Authorizer of Debian's lighttpd."""

import base64
import hashlib
import http.client

import pytest

import application
import tokens
from client import Client, Site, trusting
from gate import protected
from lighttpd import KEPT, serving
from php import php_fpm
from problems import problem
from users import add_user
from wait import until

LIMITS = '[limits]\nexport = { rate = "5/10s", per = "user" }\n'

# More handlers for the same site, as a sysadmin adds them: loaded behind mod_fastcgi, since the example is 05.
HANDLERS = """server.modules += ( "mod_cgi", "mod_proxy", "mod_status" )
$HTTP["host"] == "127.0.0.1" {{
    cgi.assign = ( ".sh" => "/bin/sh" )
    proxy.server = ( "/app/" => (( "host" => "127.0.0.1", "port" => {port} )) )
    proxy.forwarded = ( "for" => 1, "remote_user" => 1 )
    status.status-url = "/server-status"
}}
"""

IDENTITY = ("REMOTE_USER", "REMOTE_EMAIL", "REMOTE_NAME", "REMOTE_GROUPS", "REMOTE_SCOPES")
FORGED = {
    "Remote-User": "root",
    "Remote-Groups": "admins",
    "Remote_Scopes": "root",
    "Variable-REMOTE_USER": "root",
    "Variable-Remote-Groups": "admins",
    "Postern-Requirement": "/postern/auth",
    "Postern-Peer": "x",
    "Auth-Type": "Postern",
}
QUERY = "?REMOTE_USER=root&POSTERN_REQUIREMENT=/postern/auth"
PATHS = ["/", "/page.txt", "/page.php", "/none.txt", "/tell.sh", "/app/x", "/server-status", "/%70age.txt"]


@pytest.fixture(scope="module")
def php(tmp_path_factory):
    with php_fpm(tmp_path_factory.mktemp("php")) as socket:
        yield socket


@pytest.fixture(scope="module")
def app():
    with application.running() as app:
        yield app


@pytest.fixture(scope="module")
def lighttpd(stack, tmp_path_factory, php, app):
    more = {"20-handlers.conf": HANDLERS.format(port=app.port)}
    folder = tmp_path_factory.mktemp("lighttpd")
    with stack.settings.set(LIMITS), serving(stack, folder, php, more=more) as lighttpd:
        yield lighttpd


@pytest.fixture(scope="module")
def site(lighttpd) -> Site:
    return lighttpd.site


def identity(response) -> dict[str, str]:
    assert response.status_code == 200, response.text[:300]
    told = response.json()
    return {name: told.get(name, "(unset)") for name in IDENTITY}


def who(user, groups: str = "", scopes: str = "") -> dict[str, str]:
    return dict(zip(IDENTITY, (user.id, user.email, user.name, groups, scopes), strict=True))


@pytest.mark.parametrize("path", PATHS)
def test_without_a_credential_every_path_and_method_is_a_401_that_says_so(visitor, app, path):
    before = list(app.asked)
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"):
        response = visitor.request(method, path, headers=FORGED, data=b"x" * 1000 if method in ("POST", "PUT") else None)
        assert problem(response, 401)["code"] == "unauthorized", method
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="postern"'
    head = visitor.request("HEAD", path)
    assert (head.status_code, head.text) == (401, "")
    assert problem(visitor.get(path, "a.b.c"), 401)["code"] == "invalid_token"
    assert app.asked == before


def test_a_token_opens_every_handler_and_each_learns_who_it_is(visitor, user, token):
    assert visitor.get("/page.txt", token).text == KEPT
    assert visitor.get("/none.txt", token).status_code == 404
    assert identity(visitor.get("/page.php", token)) == who(user)
    assert visitor.get("/tell.sh", token).text == f"{user.id}|{user.email}||\n"
    proxied = visitor.get("/app/x", token).json()
    assert proxied["forwarded"] == [f'for={visitor.address};remote_user="{user.id}"'] or proxied["forwarded"] == [
        f"for={visitor.address};remote_user={user.id}"
    ]


@pytest.mark.parametrize("path", ["/page.php", "/page.php" + QUERY])
def test_an_application_believes_nothing_that_the_client_says_of_itself(visitor, user, token, path):
    forged = FORGED | {"REMOTE_USER": "root", "Authorization": "Bearer " + token}
    assert identity(visitor.get(path, headers=forged)) == who(user)
    assert visitor.get("/tell.sh" + QUERY, headers=forged).text == f"{user.id}|{user.email}||\n"


def test_basic_alone_is_nobody(visitor):
    basic = {"Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}
    problem(visitor.get("/page.php", headers=basic), 401)


def test_groups_scopes_and_a_name_in_any_script_arrive_as_they_are(stack, visitor):
    email, name = "lighttpd@example.test", 'Jörg "山田", Variable-REMOTE_USER: root'
    user = add_user(stack, email=email)
    stack.database.sql(f"UPDATE users SET name = '{name}' WHERE email = '{email}'")
    for words in (("group", "add", email, "staff", "admins"), ("scope", "add", email, "read", "write")):
        done = stack.postern("user", *words)
        assert done.returncode == 0, done.stderr
    token = tokens.token_for(stack, user, scope="read write")
    told = until(lambda: identity(visitor.get("/page.php", token)), 5, "the user")
    assert (told["REMOTE_USER"], told["REMOTE_NAME"]) == (user.id, name)
    assert sorted(told["REMOTE_GROUPS"].split(",")) == ["admins", "staff"]
    assert sorted(told["REMOTE_SCOPES"].split(" ")) == ["read", "write"]


def test_on_one_connection_each_request_is_its_own_users(stack, site, new_user):
    users = [new_user(), new_user()]
    sent = [tokens.token_for(stack, user) for user in users]
    connection = http.client.HTTPSConnection("127.0.0.1", site.port, context=trusting(site.ca), timeout=20)
    connection.connect()
    first = connection.sock
    for number in range(30):
        is_nobody = number % 3 == 2
        headers = {} if is_nobody else {"Authorization": "Bearer " + sent[number % 3]}
        # A body that nobody wants ends its connection.
        method, body = ("POST", b"x" * number) if number % 2 and not is_nobody else ("GET", None)
        connection.request(method, "/body.php", body=body, headers=headers)
        response = connection.getresponse()
        text = response.read().decode()
        if is_nobody:
            assert response.status == 401
        else:
            digest = hashlib.sha256(body or b"").hexdigest()
            assert (response.status, text) == (200, f"{users[number % 3].id} {len(body or b'')} {digest}")
    assert connection.sock is first
    connection.close()
    closing = Client(site).get("/page.php", sent[0], headers={"Connection": "close"})
    assert identity(closing) == who(users[0])


@pytest.mark.parametrize("size", [0, 1, 40_000, 1_000_000])
def test_a_body_reaches_the_application_whole_and_the_check_not_at_all(visitor, user, token, size):
    body = bytes(range(250)) * (size // 250) + b"x" * (size % 250)
    expected = f"{user.id} {size} {hashlib.sha256(body).hexdigest()}"
    assert visitor.post("/body.php", token, data=body).text == expected
    chunks = (body[at : at + 9000] for at in range(0, size, 9000))
    assert visitor.post("/body.php", token, data=chunks).text == expected
    assert visitor.post("/body.php", token, data=body, headers={"Expect": "100-continue"}).text == expected
    # All of a larger one might not be sent before the answer comes and the connection ends.
    problem(visitor.post("/body.php", data=body[:1000]), 401)


def test_a_limit_of_a_path_is_a_real_429_however_the_path_is_spelled(visitor, token):
    spellings = ["/export/list.txt", "/%65xport/list.txt", "//export/list.txt", "/./export/list.txt", "/export/none.txt"]
    statuses = [visitor.get(path, token).status_code for path in spellings]
    assert statuses == [200] * 4 + [404]
    for path in spellings:
        refused = visitor.get(path, token)
        assert problem(refused, 429)["violated-policies"] == ["export"]
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
        assert refused.headers["RateLimit-Policy"].startswith('"export"')
    assert visitor.get("/page.txt", token).text == KEPT
    problem(visitor.get("/export/list.txt"), 401)


def test_the_limit_is_one_with_that_of_nginx(stack, site, tmp_path, visitor, token):
    tmp_path.chmod(0o755)
    (tmp_path / "open.txt").write_text("open\n")
    (tmp_path / "list.txt").write_text(KEPT)
    locations = "location = /open.txt {} location / { auth_request /postern/auth/limit=export; }"
    with protected(stack, tmp_path, locations) as other:
        beside = Client(other)
        ways = [lambda: visitor.get("/export/list.txt", token), lambda: beside.get("/list.txt", token)]
        assert [ways[number % 2]().status_code for number in range(8)] == [200] * 5 + [429] * 3

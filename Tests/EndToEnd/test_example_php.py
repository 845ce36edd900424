"""docs/examples/nginx/php.conf as shipped, with a real php-fpm: who PHP believes it is talking to."""

import base64

import pytest

import tokens
from examples import example
from php import php_fpm, tell
from problems import problem

FORGED = {
    "Remote-User": "root",
    "Remote-Email": "root@example.test",
    "Remote-Name": "root",
    "Remote-Groups": "admins",
    "Remote-Scopes": "root",
    "REMOTE_USER": "root",
    "remote_groups": "admins",
    "Auth-Type": "Postern",
    "X-Remote-User": "of the application's own",
}
QUERY = "?REMOTE_USER=root&HTTP_REMOTE_USER=root&PHP_AUTH_USER=root"
BASIC = {"Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}
IDENTITY = ("REMOTE_USER", "REMOTE_EMAIL", "REMOTE_NAME", "REMOTE_GROUPS", "REMOTE_SCOPES", "AUTH_TYPE")
SCRIPTS = ("index.php", "page.php", "internal/index.php", "internal/page.php", "internal/a/b.php", "admin/page.php")
CHALLENGE = ".well-known/acme-challenge/x7"


@pytest.fixture(scope="module")
def site(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    root = folder / "www"
    tell(root, *SCRIPTS)
    (root / CHALLENGE).parent.mkdir(parents=True)
    (root / CHALLENGE).write_text("proof\n")
    with php_fpm(folder) as socket:
        changes = {"/var/www/html": str(root), "/run/php/php-fpm.sock": str(socket)}
        with example(stack, folder, "php.conf", changes) as site:
            yield site


def assert_nobody(told: dict[str, str]) -> None:
    assert {name: told.get(name, "") for name in IDENTITY} == dict.fromkeys(IDENTITY, "")
    assert not [name for name in told if name.startswith(("HTTP_REMOTE", "HTTP_AUTH_TYPE"))]


@pytest.mark.parametrize("path", ["/", "/page.php", "/page.php" + QUERY])
@pytest.mark.parametrize("headers", [{}, FORGED, BASIC, FORGED | BASIC], ids=["plain", "headers", "basic", "both"])
def test_in_an_open_location_nobody_can_be_somebody(visitor, path, headers):
    response = visitor.get(path, headers=headers)
    assert response.status_code == 200
    told = response.json()
    assert_nobody(told)
    if "X-Remote-User" in headers:
        assert told["HTTP_X_REMOTE_USER"] == headers["X-Remote-User"]  # so headers do reach PHP


@pytest.mark.parametrize("path", ["/internal/", "/internal/page.php", "/internal/a/b.php" + QUERY, "/admin/page.php"])
@pytest.mark.parametrize("headers", [{}, FORGED, BASIC, FORGED | BASIC], ids=["plain", "headers", "basic", "both"])
def test_no_claim_gets_into_a_protected_location(visitor, path, headers):
    response = visitor.get(path, headers=headers)
    assert problem(response, 401)["code"] == "unauthorized"


@pytest.mark.parametrize("path", ["/internal/", "/internal/page.php", "/internal/a/b.php" + QUERY])
@pytest.mark.parametrize("headers", [{}, FORGED], ids=["plain", "headers"])
def test_php_learns_who_it_is_and_nothing_that_the_client_claims(visitor, user, token, path, headers):
    told = visitor.get(path, token, headers=headers).json()
    assert told["REMOTE_USER"] == user.id
    assert told["REMOTE_EMAIL"] == user.email
    assert told["REMOTE_NAME"] == user.name
    assert told["REMOTE_GROUPS"] == told["REMOTE_SCOPES"] == ""
    assert told["AUTH_TYPE"] == "Postern"
    assert not [name for name in told if name.startswith(("HTTP_REMOTE", "HTTP_AUTH", "PHP_AUTH"))]
    assert "root" not in {value for name, value in told.items() if name.startswith(("REMOTE", "AUTH"))}


def test_with_basic_on_the_name_is_that_of_the_user_and_php_sees_no_password(stack, visitor, user):
    credential = base64.b64encode(f"{user.email}:{user.password}".encode()).decode()
    right = {"Authorization": f"Basic {credential}"}
    with stack.settings.set("[gate]\nbasic = true\n"):
        told = visitor.get("/internal/page.php", headers=right | FORGED).json()
        assert (told["REMOTE_USER"], told["REMOTE_EMAIL"]) == (user.id, user.email)
        assert not [name for name in told if name.startswith(("PHP_AUTH", "HTTP_AUTH"))]
        assert user.password not in str(told) and credential not in str(told)
        assert_nobody(visitor.get("/page.php", headers=right).json())
        refused = visitor.get("/internal/page.php", headers=BASIC)
        assert problem(refused, 401)["code"] == "invalid_credentials"
        assert "Basic realm=" in refused.headers["WWW-Authenticate"]


def test_a_token_for_an_open_page_makes_nobody_of_it_either(visitor, token):
    assert_nobody(visitor.get("/page.php", token).json())


def test_the_part_for_a_group_is_for_that_group_and_php_sees_groups_and_scopes(stack, visitor, user, new_user):
    assert problem(visitor.get("/admin/page.php", tokens.token_for(stack, user)), 403)["code"] == "forbidden"
    member = new_user()
    assert stack.postern("user", "group", "add", member.email, "admins", "staff").returncode == 0
    assert stack.postern("user", "scope", "add", member.email, "read", "write").returncode == 0
    token = tokens.token_for(stack, member, scope="read write")
    told = visitor.get("/admin/page.php", token, headers=FORGED).json()
    assert told["ran"] == "page.php" and told["REMOTE_USER"] == member.id
    assert set(told["REMOTE_GROUPS"].split(",")) == {"admins", "staff"}
    assert set(told["REMOTE_SCOPES"].split(" ")) == {"read", "write"}


def test_a_post_reaches_php_with_its_body_and_without_a_token_not_at_all(visitor, token):
    told = visitor.post("/internal/page.php", token, data={"REMOTE_USER": "root"}).json()
    assert told["REQUEST_METHOD"] == "POST" and told["CONTENT_LENGTH"] == "16"
    assert told["REMOTE_USER"] != "root"
    problem(visitor.post("/internal/page.php", data={"REMOTE_USER": "root"}), 401)


def test_no_spelling_of_a_path_gets_past_the_check(site, visitor):
    with visitor.connection() as connection:
        for path in ("/internal/page%2Ephp", "//internal//page.php", "/x/../internal/page.php", "/internal/./page.php"):
            assert connection.ask(f"GET {path} HTTP/1.1\nHost: 127.0.0.1").status == 401, path
    for path in ("/internal/page.php/more", "/page.php/../internal/page.php", "/internal/page.php/"):
        assert "ran" not in visitor.get(path).text, path


def test_certbot_gets_what_it_asks_for(visitor):
    assert visitor.get("/" + CHALLENGE).text == "proof\n"

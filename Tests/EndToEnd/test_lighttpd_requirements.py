"""Under lighttpd every word and credential of the gate means what it means under nginx: the same check answers."""

import itertools

import pytest

import tokens
from client import Client
from lighttpd import KEPT, serving
from php import php_fpm
from problems import problem

PATH = "/export/list.txt"


@pytest.fixture(scope="module")
def php(tmp_path_factory):
    with php_fpm(tmp_path_factory.mktemp("php")) as socket:
        yield socket


@pytest.fixture
def asking(stack, tmp_path, php):
    """Makes a lighttpd whose /export/ asks for these words."""
    numbers = itertools.count(1)
    return lambda words: serving(stack, tmp_path / str(next(numbers)), php, {"limit=export": words})


def granted(stack, new_user, *words: str):
    """A user with this group or scope, and a token."""
    user = new_user()
    kind, name = words
    done = stack.postern("user", kind, "add", user.email, name)
    assert done.returncode == 0, done.stderr
    return user, tokens.token_for(stack, user, scope=name if kind == "scope" else "")


def test_a_group_and_a_scope_that_are_asked_for(stack, asking, new_user, token):
    _, member = granted(stack, new_user, "group", "ops")
    _, writer = granted(stack, new_user, "scope", "files")
    with asking("group=ops") as lighttpd:
        visitor = Client(lighttpd.site)
        assert visitor.get(PATH, member).text == KEPT
        assert problem(visitor.get(PATH, token), 403)["code"] == "forbidden"
        problem(visitor.get(PATH), 401)
    with asking("scope=files/!group=ops") as lighttpd:
        visitor = Client(lighttpd.site)
        assert visitor.get(PATH, writer).text == KEPT
        assert problem(visitor.get(PATH, member), 403)["code"] == "forbidden"
        refused = visitor.get(PATH, token)
        assert problem(refused, 403)["code"] == "insufficient_scope"
        assert 'scope="files"' in refused.headers["WWW-Authenticate"]


def test_a_login_that_is_too_old(stack, asking, user):
    old = tokens.claims(stack, user)
    old = tokens.token_for(stack, user, iat=old["iat"] - 120, exp=old["exp"])
    with asking("fresh=60s") as lighttpd:
        visitor = Client(lighttpd.site)
        refused = visitor.get(PATH, old)
        assert problem(refused, 401)["code"] == "login_too_old"
        assert "insufficient_user_authentication" in refused.headers["WWW-Authenticate"]
        assert visitor.get(PATH, tokens.token_for(stack, user)).text == KEPT
        assert visitor.get("/page.txt", old).text == KEPT


def test_a_preflight_passes_as_nobody(asking, token):
    preflight = {"Origin": "https://www.example.com", "Access-Control-Request-Method": "GET"}
    with asking("preflight") as lighttpd:
        visitor = Client(lighttpd.site)
        response = visitor.request("OPTIONS", PATH, headers=preflight)
        assert (response.status_code, "OPTIONS" in response.headers["Allow"]) == (200, True)  # lighttpd's own answer
        problem(visitor.request("OPTIONS", "/page.txt", headers=preflight), 401)
        problem(visitor.get(PATH, headers=preflight), 401)
        assert visitor.get(PATH, token).text == KEPT


def test_a_password_where_the_settings_take_one(stack, asking, user):
    with asking("group=nobody") as lighttpd, stack.settings.set("[gate]\nbasic = true\n"):
        visitor = Client(lighttpd.site)
        response = visitor.get("/page.php", auth=(user.email, user.password))
        assert response.json()["REMOTE_USER"] == user.id
        problem(visitor.get(PATH, auth=(user.email, user.password)), 403)
        assert problem(visitor.get("/page.php", auth=(user.email, "wrong")), 401)["code"] == "invalid_credentials"
        challenges = visitor.get("/page.php").headers["WWW-Authenticate"]
        assert 'Bearer realm="postern"' in challenges and 'Basic realm="postern", charset="UTF-8"' in challenges


def test_a_service_token_until_it_is_revoked(stack, asking, user):
    issued = stack.postern("token", "issue", "--user", user.email, "--days", "1", "--note", "lighttpd")
    assert issued.returncode == 0, issued.stderr
    token = issued.stdout.strip()
    stack.confidential.add(token)
    with asking("group=nobody") as lighttpd:
        visitor = Client(lighttpd.site)
        assert visitor.get("/page.php", token).json()["REMOTE_USER"] == user.id
        [[number]] = stack.database.sql("SELECT MAX(id) FROM service_tokens")
        assert stack.postern("token", "revoke", number).returncode == 0
        problem(visitor.get("/page.php", token), 401)


def test_two_credentials_open_nothing_and_a_browser_gets_a_page(asking, token):
    with asking("group=nobody") as lighttpd:
        visitor = Client(lighttpd.site)
        line = f"Authorization: Bearer {token}"
        for second in (line, "Authorization: Bearer x", "Authorization: Basic eDp5"):
            with visitor.connection() as connection:
                answer = connection.ask(f"GET /page.txt HTTP/1.1\nHost: 127.0.0.1\n{line}\n{second}\nConnection: close")
                assert answer.status in (400, 401) and KEPT not in answer.body.decode()
        page = visitor.get("/page.txt", headers={"Sec-Fetch-Mode": "navigate", "Accept": "text/html"})
        assert (page.status_code, page.headers["Content-Type"]) == (401, "text/html; charset=utf-8")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["WWW-Authenticate"] == 'Bearer realm="postern"'

"""docs/examples/nginx/proxy.conf as shipped: an application that learns who it is from headers."""

import base64

import pytest

import application
import tokens
from examples import example
from problems import problem

LIMITS = '[limits]\nreports = { rate = "5/10s", per = "user" }\n'
NAMES = ("remote-user", "remote-email", "remote-name", "remote-groups", "remote-scopes")
FORGED = {
    "Remote-User": "root",
    "REMOTE-EMAIL": "root@example.test",
    "remote-name": "root",
    "Remote-Groups": "admins",
    "Remote-Scopes": "root",
    "Remote_User": "root",
    "Remote_Groups": "admins",
    "X-Remote-User": "of the application's own",
}
BASIC = "Basic " + base64.b64encode(b"root:secret").decode()
PREFLIGHT = {"Origin": "https://pages.example", "Access-Control-Request-Method": "GET"}
CHALLENGE = ".well-known/acme-challenge/x7"


@pytest.fixture(scope="module")
def behind():
    with application.running() as running:
        yield running


@pytest.fixture(scope="module")
def site(stack, behind, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    root = folder / "www"
    (root / CHALLENGE).parent.mkdir(parents=True)
    (root / CHALLENGE).write_text("proof\n")
    changes = {"127.0.0.1:3000": f"127.0.0.1:{behind.port}", "/var/www/html": str(root)}
    with stack.settings.set(LIMITS), example(stack, folder, "proxy.conf", changes) as site:
        yield site


def identity(told: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: told[name] for name in told if name.replace("_", "-") in NAMES}


def test_the_application_learns_who_it_is_and_nothing_that_the_client_claims(visitor, user, token):
    told = visitor.get("/a/page?b=c", token, headers=FORGED).json()
    expected = {"remote-user": [user.id], "remote-email": [user.email], "remote-name": [user.name]}
    assert identity(told) == expected
    assert told["x-remote-user"] == [FORGED["X-Remote-User"]]  # so headers do reach it
    assert told["x-forwarded-for"] == [visitor.address]
    assert "authorization" not in told


def test_groups_and_scopes_reach_it(stack, visitor, new_user):
    member = new_user()
    assert stack.postern("user", "group", "add", member.email, "staff").returncode == 0
    assert stack.postern("user", "scope", "add", member.email, "read").returncode == 0
    told = visitor.get("/", tokens.token_for(stack, member, scope="read"), headers=FORGED).json()
    assert (told["remote-groups"], told["remote-scopes"]) == (["staff"], ["read"])


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_without_a_token_nothing_reaches_it(visitor, behind, method):
    before = len(behind.asked)
    assert visitor.request(method, "/", headers=FORGED).status_code == 401
    assert visitor.request(method, "/", headers={"Authorization": BASIC}).status_code == 401
    assert len(behind.asked) == before


def test_in_an_open_location_nobody_can_be_somebody(visitor, token):
    for credential in (None, token):
        told = visitor.get("/status", credential, headers=FORGED).json()
        assert identity(told) == {}
        assert "authorization" not in told
    assert identity(visitor.get("/status", headers={"Authorization": BASIC}).json()) == {}


@pytest.mark.parametrize("path", ["/reports/secret/../../status", "/reports/secret/..%2f..%2fstatus", "/%73tatus"])
def test_in_an_open_location_the_application_sees_the_path_that_nginx_went_by(visitor, behind, path):
    before = len(behind.asked)
    with visitor.connection() as connection:
        assert connection.ask(f"GET {path} HTTP/1.1\nHost: 127.0.0.1").status == 200
    assert behind.asked[before:] == ["GET /status"]


def test_a_user_reaches_what_asks_for_more_by_no_spelling(visitor, behind, token):
    before = len(behind.asked)
    for path in ("/reports/1/..%2f..%2fpage", "/reports%2f..%2fpage", "/reports/1/../../page"):
        with visitor.connection() as connection:
            asked = f"GET {path} HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer {token}"
            assert connection.ask(asked).status == 200
    assert set(behind.asked[before:]) == {"GET /page"}


def test_a_scope_and_a_limit_together(stack, visitor, user, new_user):
    problem(visitor.get("/reports/1"), 401)
    refused = visitor.get("/reports/1", tokens.token_for(stack, user))
    assert problem(refused, 403)["code"] == "insufficient_scope"
    assert 'scope="reports"' in refused.headers["WWW-Authenticate"]
    reader = new_user()
    assert stack.postern("user", "scope", "add", reader.email, "reports").returncode == 0
    token = tokens.token_for(stack, reader, scope="reports")
    statuses = [visitor.get(f"/reports/{number}", token).status_code for number in range(6)]
    assert statuses == [200] * 5 + [429]


def test_a_preflight_passes_as_nobody_and_nothing_that_only_looks_like_one(visitor, behind, token):
    response = visitor.request("OPTIONS", "/reports/1", headers=PREFLIGHT | FORGED)
    assert response.status_code == 200 and identity(response.json()) == {}
    before = len(behind.asked)
    for method, headers in (
        ("OPTIONS", {"Origin": "https://pages.example"}),
        ("OPTIONS", {"Access-Control-Request-Method": "GET"}),
        ("GET", PREFLIGHT),
        ("OPTIONS", PREFLIGHT | {"Authorization": "Bearer a.b.c"}),
    ):
        assert visitor.request(method, "/reports/1", headers=headers).status_code == 401, (method, headers)
    assert visitor.request("OPTIONS", "/", headers=PREFLIGHT).status_code == 401
    assert len(behind.asked) == before


def test_certbot_gets_what_it_asks_for(visitor):
    assert visitor.get("/" + CHALLENGE).text == "proof\n"

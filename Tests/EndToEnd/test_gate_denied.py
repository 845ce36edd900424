"""The answer to somebody whom the gate does not let through: JSON for a program, a page for a browser, one status."""

import json
import re
import time
from html.parser import HTMLParser

import pytest

import contract
import folders
import tokens
from client import Client
from gate import protected
from problems import problem
from wait import until

LIMITS = """[limits]
one = { rate = "1/hour", per = "address" }
"""
WAYS = {
    "page": "",
    "ops": "/scope=ops",
    "press": "/group=press",
    "one": "/limit=one",
    "fresh": "/fresh=1s",
    "wrong": "/x",
}

PROGRAM = {"Accept": "*/*"}
# What browsers send for a page (Sec-Fetch-Mode since 2019; Safari since 16.4), and what they send for parts of one.
PAGE_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept": PAGE_ACCEPT}
OLD_BROWSER = {"Accept": PAGE_ACCEPT}


@pytest.fixture(scope="module")
def site(stack, tmp_path_factory):
    root = folders.make_root(tmp_path_factory.mktemp("site"), WAYS)
    with stack.settings.set(LIMITS), protected(stack, root, folders.locations(WAYS)) as site:
        yield site


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attributes) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += data + " "


def page(response, status: int) -> str:
    """Checks that it is our page with this status, and gives its words."""
    assert response.status_code == status, f"{response.status_code}: {response.text[:400]}"
    assert response.headers["Content-Type"].lower().replace(" ", "") == "text/html;charset=utf-8"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "no-store" in response.headers["Cache-Control"]
    assert folders.KEPT not in response.text
    text = _Text()
    text.feed(response.text)
    assert {"html", "title"} <= text.tags and "script" not in text.tags
    assert response.headers["X-Request-Id"] in text.words
    return text.words


def varies(response) -> set[str]:
    return {name.strip().lower() for name in response.headers.get("Vary", "").split(",")}


def refusals(stack, user):
    """For each status: how to get it, as path and token."""
    token = tokens.token_for(stack, user)
    old = tokens.token_for(stack, user, iat=int(time.time()) - 60)
    return {
        "no credential": (401, "unauthorized", "/page/page.txt", None),
        "bad token": (401, "invalid_token", "/page/page.txt", "a.b.c"),
        "too old": (
            401,
            "login_too_old",
            "/fresh/page.txt",
            old,
        ),
        "no scope": (403, "insufficient_scope", "/ops/page.txt", token),
        "no group": (403, "forbidden", "/press/page.txt", token),
        "mistake in nginx's files": (403, "forbidden", "/wrong/page.txt", token),
    }


KINDS = ["no credential", "bad token", "too old", "no scope", "no group", "mistake in nginx's files"]
HEADERS = ("WWW-Authenticate", "Retry-After", "RateLimit", "RateLimit-Policy")


@pytest.mark.parametrize("kind", KINDS)
def test_program_and_browser_get_one_status_and_the_same_headers(stack, site, user, kind):
    status, code, path, token = refusals(stack, user)[kind]
    program = Client(site).get(path, token, headers=PROGRAM)
    assert problem(program, status)["code"] == code
    assert ("WWW-Authenticate" in program.headers) == (status == 401 or code == "insufficient_scope")
    for browser in (NAVIGATION, OLD_BROWSER):
        answer = Client(site).get(path, token, headers=browser)
        assert page(answer, status).strip()
        for name in HEADERS:
            assert answer.headers.get(name) == program.headers.get(name), name
    for answer in (program, Client(site).get(path, token, headers=NAVIGATION)):
        assert {"accept", "sec-fetch-mode"} <= varies(answer)
        assert "no-store" in answer.headers["Cache-Control"]


def test_a_spent_limit_is_a_real_429_for_both(visitor, token):
    assert visitor.get("/one/page.txt", token).status_code == 200
    program = visitor.get("/one/page.txt", token, headers=PROGRAM)
    assert problem(program, 429)["type"] == contract.QUOTA_EXCEEDED
    browser = visitor.get("/one/page.txt", token, headers=NAVIGATION)
    page(browser, 429)
    for answer in (program, browser):
        assert 3590 <= int(answer.headers["Retry-After"]) <= 3600
        assert "one" in answer.headers["RateLimit"] and "one" in answer.headers["RateLimit-Policy"]


def test_a_database_that_is_away_is_a_real_503_for_both(stack, visitor, user):
    token = tokens.token_for(stack, user)
    with stack.database.stopped():
        program = visitor.get("/page/page.txt", token, headers=PROGRAM)
        assert problem(program, 503)["code"] == "unavailable"
        browser = visitor.get("/page/page.txt", token, headers=NAVIGATION)
        page(browser, 503)
    for answer in (program, browser):
        assert int(answer.headers["Retry-After"]) >= 1
    until(lambda: visitor.get("/page/page.txt", token).status_code == 200, 20, "the database to be back", every=0.2)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept": ""},
        {"Accept": "application/json"},
        {"Accept": "image/avif,image/webp,*/*"},
        {"Accept": "text/htmlx"},
        {"Accept": "xtext/html"},
        {"Sec-Fetch-Mode": "cors", "Accept": PAGE_ACCEPT},
        {"Sec-Fetch-Mode": "no-cors", "Accept": PAGE_ACCEPT},
        {"Sec-Fetch-Mode": "same-origin", "Accept": "text/html"},
        {"Sec-Fetch-Mode": "navigates"},
        {"Sec-Fetch-Mode": ""},
    ],
)
def test_what_is_no_navigation_gets_json(visitor, headers):
    problem(visitor.get("/page/page.txt", headers={"Accept": None} | headers), 401)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Mode": "navigate", "Accept": "*/*"},
        {"Accept": "text/html"},
        {"Accept": "TEXT/HTML;q=0.9, */*"},
        {"Accept": "application/json, text/html"},
    ],
)
def test_a_navigation_gets_a_page(visitor, headers):
    page(visitor.get("/page/page.txt", headers={"Accept": None} | headers), 401)


MARK = "zq7x"
EVIL = f"<script>{MARK}</script>\"'><img src=x onerror={MARK}>"
EVIL_HEADERS = {
    "User-Agent": EVIL,
    "Referer": "https://example.test/" + EVIL,
    "Accept-Language": EVIL,
    "X-Forwarded-For": EVIL,
    "X-Forwarded-Host": EVIL,
    "X-Request-Id": EVIL,
    "Cookie": f"a={MARK}; session={MARK}",
    "Origin": f"https://{MARK}.test",
    "X-Postern-Detail": f"code=forbidden&policy={MARK}",
}


@pytest.mark.parametrize("browser", [NAVIGATION, PROGRAM], ids=["page", "json"])
@pytest.mark.parametrize("folder", ["page", "ops", "wrong"])
def test_nothing_of_the_request_is_in_the_answer(visitor, token, browser, folder):
    paths = [
        f"/{folder}/{MARK}.txt",
        f"/{folder}/%3Cscript%3E{MARK}%3C/script%3E",
        f"/{folder}/page.txt?q=%3Cscript%3E{MARK}&<b>{MARK}</b>",
        f"/{folder}/%0d%0aX-Injected:%20{MARK}",
    ]
    for path in paths:
        bad = f"{MARK}.{MARK}.{MARK}"
        for credential in (bad,) if folder == "page" else (bad, token):  # whom /page lets through
            answer = visitor.get(path, credential, headers=browser | EVIL_HEADERS)
            assert answer.status_code in (401, 403)
            assert MARK not in answer.text and MARK not in str(answer.headers)


@pytest.mark.parametrize("browser", [NAVIGATION, PROGRAM], ids=["page", "json"])
def test_head_has_the_headers_of_get_and_no_body(site, browser):
    with Client(site).connection() as connection:
        lines = "\n".join(f"{name}: {value}" for name, value in browser.items())
        get = connection.ask(f"GET /page/page.txt HTTP/1.1\nHost: 127.0.0.1\n{lines}")
        head = connection.ask(f"HEAD /page/page.txt HTTP/1.1\nHost: 127.0.0.1\n{lines}")
        # The connection is still in step: nothing followed the head.
        again = connection.ask(f"GET /page/page.txt HTTP/1.1\nHost: 127.0.0.1\n{lines}")
    assert (get.status, head.status, again.status) == (401, 401, 401)
    assert head.body == b"" and get.body
    for name in ("content-type", "www-authenticate", "cache-control", "vary", "proxy-status"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("browser", [NAVIGATION, PROGRAM], ids=["page", "json"])
def test_a_request_with_a_body_is_answered_likewise(visitor, method, browser):
    answer = visitor.request(method, "/page/page.txt", data=b"a=" + b"x" * 50_000, headers=browser)
    if browser is PROGRAM:
        problem(answer, 401)
    else:
        page(answer, 401)
    assert visitor.get("/page/page.txt").status_code == 401  # on the same connection


FORGED = {
    "X-Postern-Detail": "code=rate_limited&retry=1&policy=forged",
    "X-Postern-Status": "204",
    "Postern-Detail": "code=rate_limited&retry=1",
    "POSTERN_DETAIL": "code=rate_limited&retry=1",
    "Postern-Role": "api",
    "POSTERN_ROLE": "api",
    "POSTERN_REQUIREMENT": "/postern/auth",
    "Postern-Requirement": "/postern/auth",
    "POSTERN_PEER": "x",
    "Status": "204",
    "Remote-User": "root",
    "REMOTE_USER": "root",
    "Remote-Groups": "press",
    "Remote-Scopes": "ops",
    "X-Remote-User": "root",
    "X-Original-URI": "/open.txt",
    "X-Original-Method": "OPTIONS",
    "X-HTTP-Method-Override": "OPTIONS",
    "X-Rewrite-URL": "/open.txt",
    "X-Accel-Redirect": "/ops/page.txt",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Uri": "/open.txt",
}


def without_what_differs(response) -> tuple:
    headers = {name: value for name, value in response.headers.items() if name not in ("Date", "X-Request-Id")}
    return response.status_code, {**response.json(), "trace": ""}, headers


@pytest.mark.parametrize("name", FORGED)
def test_no_field_that_a_client_sends_changes_an_answer(stack, visitor, user, token, name):
    for path, credential in (("/page/page.txt", None), ("/ops/page.txt", token), ("/press/page.txt", token)):
        plain = visitor.get(path, credential)
        forged = visitor.get(path, credential, headers={name: FORGED[name]})
        assert forged.status_code in (401, 403)
        assert without_what_differs(forged) == without_what_differs(plain)


@pytest.mark.parametrize(
    "path",
    [
        "/@postern_denied",
        "/%40postern_denied",
        "/postern_denied",
        "/postern/denied",
        "/postern/denied?POSTERN_DETAIL=code=rate_limited",
        "/postern/auth",
        "/postern/auth/scope=ops",
        "/postern/auth/preflight",
        "/%70ostern/auth",
        "//postern/auth",
        "/page/../postern/auth",
        "/open.txt/../postern/auth",
        "/postern/page",
        "/postern/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_neither_check_nor_wording_can_be_asked_from_outside(visitor, token, path, method):
    """Of requests' own cleaning of paths nothing may be left: the path goes out as it stands."""
    with visitor.connection() as connection:
        answer = connection.ask(
            f"{method} {path} HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer {token}\nContent-Length: 0\n"
            "X-Postern-Detail: code=rate_limited&retry=77&policy=forged"
        )
    assert answer.status in (404, 405) and b"rate_limited" not in answer.body and "retry-after" not in answer.headers
    assert not [name for name in answer.headers if name.startswith(("remote-", "x-postern"))]


@pytest.mark.parametrize("browser", [NAVIGATION, PROGRAM], ids=["page", "json"])
def test_what_the_check_said_to_nginx_does_not_reach_the_client(visitor, token, browser):
    for path, credential in (
        ("/page/page.txt", None),
        ("/ops/page.txt", token),
        ("/open.txt", None),
        ("/page/page.txt", token),
    ):
        answer = visitor.get(path, credential, headers=browser)
        assert not [name for name in answer.headers if re.match("x-postern|remote-", name.lower())]


def test_every_trace_stands_in_the_journal_and_the_page_is_small(stack, visitor):
    answer = visitor.get("/page/page.txt", headers=NAVIGATION)
    page(answer, 401)
    assert len(answer.content) < 4096
    assert json.dumps(answer.headers["X-Request-Id"]).strip('"').isalnum()
    stack.journal.of_trace(contract.REQUEST_REFUSED, answer.headers["X-Request-Id"])


@pytest.mark.parametrize("first", ["Bearer {token}", "Bearer a.b.c", "Basic YTpi", ""])
@pytest.mark.parametrize("second", ["Bearer {token}", "Basic YTpi"])
def test_two_credentials_open_nothing_even_if_one_is_good(visitor, token, first, second):
    with visitor.connection() as connection:
        answer = connection.ask(
            "GET /page/page.txt HTTP/1.1\nHost: 127.0.0.1\n"
            f"Authorization: {first.format(token=token)}\nAuthorization: {second.format(token=token)}"
        )
    assert answer.status in (400, 401) and folders.KEPT.encode() not in answer.body

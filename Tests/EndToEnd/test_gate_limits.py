"""auth_request with a limit of the settings: what nginx alone cannot do, per user and with a real 429."""

import signal
import time

import http_sf
import pytest

import contract
import tokens
from client import Client
from gate import close_kept_connections, protected
from journal import Event
from problems import problem

LIMITS = """[limits]
files = { rate = "5/10s", per = "user" }
all = { rate = "8/10s", per = "user" }
trial = { rate = "1/minute", per = "user", dry_run = true }
"""

LOCATIONS = """
    location = /open.txt { auth_request off; }
    location /page/      { auth_request /postern/auth; }
    location /files/     { auth_request /postern/auth/limit=files; }
    location /both/      { auth_request /postern/auth/limit=files/limit=all; }
    location /trial/     { auth_request /postern/auth/limit=trial; }
    location /wrong/     { auth_request /postern/auth/limit=file; }
    location /who/       { auth_request /postern/auth; add_header X-Who "$postern_user $postern_email" always; }
    location /shut/      { auth_request /postern/auth; deny all; }
"""
FOLDERS = ("page", "files", "both", "trial", "wrong", "shut", "who")


@pytest.fixture(scope="module")
def site(stack, tmp_path_factory):
    """A static site whose folders are protected in different ways."""
    root = tmp_path_factory.mktemp("site")
    root.chmod(0o755)
    (root / "open.txt").write_text("open\n")
    for folder in FOLDERS:
        (root / folder).mkdir()
        for number in range(61):
            (root / folder / f"{number}.txt").write_text(f"{folder} {number}\n")
    with stack.settings.set(LIMITS), protected(stack, root, LOCATIONS) as site:
        yield site


def items(response, field: str) -> dict[str, dict]:
    return {name: dict(parameters) for name, parameters in http_sf.parse(response.headers[field].encode(), tltype="list")}


def test_a_location_with_a_limit_lets_n_pass_and_then_answers_a_real_429(site, visitor, token):
    for number in range(5):
        response = visitor.get(f"/files/{number}.txt", token)
        assert (response.status_code, response.text) == (200, f"files {number}\n")
    refused = visitor.get("/files/0.txt", token)
    body = problem(refused, 429)
    assert body["type"] == contract.QUOTA_EXCEEDED
    assert body["violated-policies"] == ["files"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    assert items(refused, "RateLimit-Policy") == {"files": {"q": 5, "w": 10}}
    assert items(refused, "RateLimit")["files"]["r"] == 0
    assert "no-store" in refused.headers["Cache-Control"]
    # From another address it is the same user.
    assert Client(site).get("/files/0.txt", token).status_code == 429


def test_who_waits_retry_after_passes(visitor, token):
    statuses = [visitor.get("/files/0.txt", token).status_code for _ in range(5)]
    assert statuses == [200] * 5
    refused = visitor.get("/files/0.txt", token)
    assert refused.status_code == 429
    time.sleep(int(refused.headers["Retry-After"]))  # what the header asks of the client
    assert visitor.get("/files/0.txt", token).status_code == 200


def test_another_user_has_a_count_of_their_own(stack, visitor, token, new_user):
    assert [visitor.get("/files/1.txt", token).status_code for _ in range(6)] == [200] * 5 + [429]
    other = tokens.token_for(stack, new_user())
    assert visitor.get("/files/1.txt", other).status_code == 200


def test_two_limits_of_a_location_are_charged_together_or_not_at_all(visitor, token):
    assert [visitor.get("/both/1.txt", token).status_code for _ in range(9)] == [200] * 5 + [429] * 4
    refused = visitor.get("/both/1.txt", token)
    assert problem(refused, 429)["violated-policies"] == ["files"]
    assert items(refused, "RateLimit")["all"]["r"] == 3


def test_a_page_with_sixty_parts_is_never_limited_without_a_named_limit(visitor, token):
    statuses = {visitor.get(f"/page/{number}.txt", token).status_code for number in range(61)}
    assert statuses == {200}


def test_a_limit_in_dry_run_refuses_nobody_and_is_told_in_the_journal(stack, visitor, token):
    mark = stack.journal.mark()
    assert {visitor.get(f"/trial/{number}.txt", token).status_code for number in range(5)} == {200}
    [event, *_] = stack.journal.wait_for(
        mark, lambda event: event.name == contract.LIMIT_WOULD_REFUSE, contract.LIMIT_WOULD_REFUSE
    )
    assert event["limit"] == "trial" and int(event["count"]) >= 1


def test_no_token_and_a_bad_one_are_a_401_that_says_so(visitor):
    response = visitor.get("/page/1.txt")
    assert problem(response, 401)["code"] == "unauthorized"
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="postern"'
    response = visitor.get("/page/1.txt", "a.b.c")
    assert problem(response, 401)["code"] == "invalid_token"
    assert response.headers["WWW-Authenticate"].count("Bearer") == 1
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_no_other_method_gets_past_the_check(visitor, method):
    assert visitor.request(method, "/page/1.txt", data=b"x" if method in ("POST", "PUT") else None).status_code == 401


def test_the_location_learns_who_it_is_and_nothing_that_the_client_claims(visitor, token, user):
    forged = {"Remote-User": "root", "Remote-Email": "root@example.test", "X-Postern-Detail": "code=forbidden"}
    response = visitor.get("/who/1.txt", token, headers=forged)
    assert response.status_code == 200
    assert response.headers["X-Who"] == f"{user.id} {user.email}"


def test_a_403_that_is_not_ours_stays_one(visitor, token):
    response = visitor.get("/shut/1.txt", token)
    assert response.status_code == 403
    assert "json" not in response.headers["Content-Type"]


def test_a_limit_that_nobody_knows_keeps_the_location_shut_and_names_it(stack, visitor, token):
    mark = stack.journal.mark()
    assert problem(visitor.get("/wrong/1.txt?a=secret", token), 403)["code"] == "forbidden"

    def named(event: Event) -> bool:
        return event.name == contract.UNKNOWN_REQUIREMENT

    [event] = stack.journal.wait_for(mark, named, contract.UNKNOWN_REQUIREMENT)
    assert event["location"] == "/wrong/1.txt" and event["word"] == "limit=file" and event["host"] == "127.0.0.1"
    assert "secret" not in event.line


def test_the_check_and_the_wording_cannot_be_asked_from_outside(visitor, token):
    for path in ("/postern/auth", "/postern/auth/limit=files", "/postern/auth/"):
        assert visitor.get(path, token).status_code == 404
    for path in ("/@postern_denied", "/postern_denied"):
        assert visitor.get(path, token).status_code == 404


@pytest.mark.ends_workers
def test_without_a_worker_the_location_is_shut_with_503_and_comes_back(stack, visitor, token):
    assert visitor.get("/page/1.txt", token).status_code == 200
    pids = [stack.workers.send(number, signal.SIGSTOP) for number in (1, 2)]
    try:
        response = visitor.get("/page/1.txt", token)
        assert problem(response, 503)["code"] == "unavailable"
        assert response.headers["Retry-After"] == "5"
    finally:
        for number, _ in enumerate(pids, 1):
            stack.workers.send(number, signal.SIGCONT)
    assert visitor.get("/page/1.txt", token).status_code == 200

    mark = stack.journal.mark()
    (stack.run / "postern.sock").rename(stack.run / "postern.sock.away")
    close_kept_connections(stack)
    try:
        assert problem(visitor.get("/page/1.txt", token), 503)["code"] == "unavailable"
        assert problem(visitor.get("/files/1.txt", token), 503)["code"] == "unavailable"
    finally:
        (stack.run / "postern.sock.away").rename(stack.run / "postern.sock")
    assert visitor.get("/page/1.txt", token).status_code == 200
    for number in (1, 2):
        stack.workers.end(number, signal.SIGKILL)
    assert stack.journal.since(mark)
    assert visitor.get("/page/1.txt", token).status_code == 200

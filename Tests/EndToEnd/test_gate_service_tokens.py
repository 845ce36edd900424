"""Service tokens, for cron, backup and monitoring: as good as a login's token, until somebody revokes them."""

import base64
import hashlib
import string
from concurrent.futures import ThreadPoolExecutor

import pytest

import access
import contract
import folders
from access import basic, issue, service_tokens
from client import Client
from gate import protected
from problems import problem
from users import add_user
from wait import until

ALPHABET = string.ascii_letters + string.digits + "-_"


@pytest.fixture(scope="module")
def site(stack, tmp_path_factory):
    ways = {"page": "", "backup": "/scope=backup", "press": "/group=press"}
    root = folders.make_root(tmp_path_factory.mktemp("site"), ways)
    who = 'location /who/ { auth_request /postern/auth; add_header X-Who "$postern_user $postern_scopes" always; }'
    (root / "who").mkdir()
    (root / "who" / "page.txt").write_text(folders.KEPT)
    with protected(stack, root, folders.locations(ways) + who) as site:
        yield site


@pytest.fixture
def robot(stack):
    """A user with two scopes."""
    user = add_user(stack)
    access.change(stack, user, "scope", "add", "backup", "monitor")
    return user


def entry(stack, user) -> dict:
    """The one token of a user, as the list shows it."""
    [token] = service_tokens(stack, "--user", user.email, "--all")
    return token


def both(workers_apart, parameters, token: str, tail: str = "") -> set[int]:
    """The statuses of a check and of GET /me, at each worker."""
    authorization = "Bearer " + token
    check = parameters("GET", "/postern/auth" + tail, POSTERN_ROLE="check", HTTP_AUTHORIZATION=authorization)
    me = parameters("GET", "/me", HTTP_AUTHORIZATION=authorization)
    return {connection.ask(request).status for connection in workers_apart.values() for request in (check, me)}


def refused(stack, response, why: str) -> None:
    assert problem(response, 401)["code"] == "invalid_token"
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert folders.KEPT not in response.text
    assert stack.journal.of_trace(contract.REQUEST_REFUSED, response.headers["X-Request-Id"])["reason"] == why


def test_it_is_printed_once_and_works_at_the_api_and_at_the_gate(stack, client, visitor, robot):
    done = stack.postern("token", "issue", "--user", robot.email, "--scope", "backup", "--note", "nightly copy")
    assert done.returncode == 0
    token = done.stdout.removesuffix("\n")
    stack.confidential.add(token)
    assert token.startswith("postern_") and len(token) == len("postern_") + 43
    assert set(token.removeprefix("postern_")) <= set(ALPHABET)
    assert done.stderr and token not in done.stderr
    me = client.get("/me", token)
    assert me.status_code == 200 and me.json()["client_id"] == robot.id
    assert visitor.get("/page/page.txt", token).text == folders.KEPT
    told = visitor.get("/who/page.txt", token)
    assert told.headers["X-Who"] == f"{robot.id} backup"
    assert token not in str(service_tokens(stack)) and token not in stack.postern("token", "list", "--all").stdout


def test_its_scopes_are_those_it_was_given_and_its_user_still_has(stack, visitor, robot):
    backup, monitor = issue(stack, robot, "--scope", "backup"), issue(stack, robot, "--scope", "monitor")
    assert visitor.get("/backup/page.txt", backup).text == folders.KEPT
    narrow = visitor.get("/backup/page.txt", monitor)
    assert problem(narrow, 403)["code"] == "insufficient_scope"
    assert 'scope="backup"' in narrow.headers["WWW-Authenticate"]
    access.change(stack, robot, "scope", "remove", "backup")
    for _ in range(4):  # on whichever worker
        assert problem(visitor.get("/backup/page.txt", backup), 403)["code"] == "insufficient_scope"
    assert visitor.get("/page/page.txt", backup).text == folders.KEPT
    assert visitor.get("/who/page.txt", backup).headers["X-Who"].strip() == robot.id


def test_groups_are_the_users_of_now(stack, visitor, robot):
    token = issue(stack, robot)
    assert visitor.get("/press/page.txt", token).status_code == 403
    access.change(stack, robot, "group", "add", "press")
    for _ in range(4):
        assert visitor.get("/press/page.txt", token).text == folders.KEPT


def test_a_revoked_one_is_refused_at_the_next_request_to_both(stack, visitor, robot, workers_apart, parameters):
    kept, gone = issue(stack, robot), issue(stack, robot)
    assert both(workers_apart, parameters, gone) == {204, 200}
    digest = hashlib.sha256(gone.encode()).hexdigest()
    [[number]] = stack.database.sql(f"SELECT id FROM service_tokens WHERE HEX(token_hash) = '{digest}'")
    assert stack.postern("token", "revoke", number).returncode == 0
    assert both(workers_apart, parameters, gone) == {401}
    refused(stack, visitor.get("/page/page.txt", gone), contract.REVOKED)
    assert both(workers_apart, parameters, kept) == {204, 200}
    assert [str(token["id"]) for token in service_tokens(stack, "--user", robot.email)].count(number) == 0
    assert [str(token["id"]) for token in service_tokens(stack, "--user", robot.email, "--all")].count(number) == 1


def test_an_expired_one_is_refused(stack, visitor, client, robot):
    token = issue(stack, robot, "--days", "1")
    stack.database.sql(f"UPDATE service_tokens SET expires_at = NOW() - INTERVAL 1 MINUTE WHERE user_id = '{robot.id}'")
    refused(stack, visitor.get("/page/page.txt", token), contract.EXPIRED)
    refused(stack, client.get("/me", token), contract.EXPIRED)


def test_it_ends_on_time_although_it_is_remembered(stack, visitor, robot):
    token = issue(stack, robot, "--days", "1")
    # UTC, as everything in the database.
    stack.database.sql(
        f"UPDATE service_tokens SET expires_at = UTC_TIMESTAMP() + INTERVAL 4 SECOND WHERE user_id = '{robot.id}'"
    )
    assert visitor.get("/page/page.txt", token).text == folders.KEPT
    until(lambda: visitor.get("/page/page.txt", token).status_code == 401, 12, "the token to end", every=0.2)
    refused(stack, visitor.get("/page/page.txt", token), contract.EXPIRED)


def test_a_disabled_user_has_no_tokens(stack, visitor, robot, workers_apart, parameters):
    token = issue(stack, robot)
    assert both(workers_apart, parameters, token) == {204, 200}
    assert stack.postern("user", "disable", robot.email).returncode == 0
    assert both(workers_apart, parameters, token) == {401}
    refused(stack, visitor.get("/page/page.txt", token), contract.INACTIVE_USER)


def test_a_new_password_does_not_end_it(stack, visitor, robot):
    token = issue(stack, robot)
    assert visitor.get("/page/page.txt", token).text == folders.KEPT
    new = "another password, long enough"
    assert stack.postern("user", "password", robot.email, "--password-stdin", input=new + "\n").returncode == 0
    for _ in range(4):
        assert visitor.get("/page/page.txt", token).text == folders.KEPT


def test_the_list_tells_when_and_from_where_it_was_last_used(stack, visitor, robot):
    token = issue(stack, robot, "--note", "the nightly copy")
    before = entry(stack, robot)
    assert before["last_used_at"] is None and before["note"] == "the nightly copy"
    assert visitor.get("/page/page.txt", token).status_code == 200
    until(lambda: entry(stack, robot)["last_used_at"], 10, "the use to be noted", every=0.1)
    assert entry(stack, robot)["last_used_address"] == visitor.address
    shown = stack.postern("token", "list", "--user", robot.email)
    assert shown.returncode == 0 and "the nightly copy" in shown.stdout and visitor.address in shown.stdout


def test_many_uses_are_written_once_a_minute_at_most(stack, site, robot):
    token = issue(stack, robot)

    def use(_: int) -> tuple[int, str]:
        client = Client(site)
        return client.get("/page/page.txt", token).status_code, client.address

    with ThreadPoolExecutor(10) as pool:
        statuses, addresses = zip(*pool.map(use, range(60)), strict=True)
    assert set(statuses) == {200}
    until(lambda: entry(stack, robot)["last_used_at"], 10, "the use to be noted", every=0.1)
    first = entry(stack, robot)
    for _ in range(10):
        assert use(0)[0] == 200
    again = entry(stack, robot)
    assert again["last_used_address"] in addresses and again["last_used_at"] == first["last_used_at"]


@pytest.mark.parametrize(
    "change", ["one letter", "cut", "longer", "other case", "prefix alone", "no prefix", "nonsense"]
)
def test_a_token_that_is_not_quite_one_is_refused(stack, visitor, robot, change):
    token = issue(stack, robot)
    secret = token.removeprefix("postern_")
    wrong = {
        "one letter": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "cut": token[:-1],
        "longer": token + "A",
        "other case": "postern_" + secret.swapcase(),
        "prefix alone": "postern_",
        "no prefix": secret,
        "nonsense": "postern_" + "é" * 43,
    }[change]
    response = visitor.get("/page/page.txt", headers={"Authorization": b"Bearer " + wrong.encode()})
    assert problem(response, 401)["code"] == "invalid_token"


def test_an_unknown_one_is_named_as_such_in_the_journal(stack, visitor, client):
    unknown = "postern_" + base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()
    refused(stack, visitor.get("/page/page.txt", unknown), contract.UNKNOWN_SERVICE_TOKEN)
    refused(stack, client.get("/me", unknown), contract.UNKNOWN_SERVICE_TOKEN)


def test_it_is_taken_as_a_bearer_token_and_in_no_other_place(stack, visitor, robot):
    token = issue(stack, robot)
    path = "/page/page.txt"
    assert visitor.get(f"{path}?access_token={token}&token={token}").status_code == 401
    assert visitor.post(path, data={"access_token": token}).status_code == 401
    assert visitor.get(path, cookies={"token": token, "access_token": token}).status_code == 401
    assert visitor.get(path, headers={"X-API-Key": token, "X-Auth-Token": token}).status_code == 401
    with stack.settings.set("[gate]\nbasic = true\n[login]\npauses = []\n"):
        for credential in (basic(robot.email, token), basic(token, ""), basic(token, "x"), basic("", token)):
            assert visitor.get(path, headers=credential).status_code in (400, 401)
    assert visitor.get(path, headers={"Authorization": token}).status_code == 401
    assert visitor.get(path, headers={"Authorization": f"Basic {token}"}).status_code == 401
    assert visitor.get(path, headers={"Authorization": f"bearer {token}"}).text == folders.KEPT  # RFC 9110, 11.1


def test_nothing_of_it_is_in_any_log(stack, visitor, client, robot):
    token = issue(stack, robot, "--note", "for the log")
    assert visitor.get("/page/page.txt", token).status_code == 200
    assert client.get("/me", token).status_code == 200
    number = str(entry(stack, robot)["id"])
    assert stack.postern("token", "revoke", number).returncode == 0
    refused(stack, visitor.get("/page/page.txt", token), contract.REVOKED)
    secret = token.removeprefix("postern_")
    for log in (stack.journal.path, *(stack.run / "nginx").rglob("*.log")):
        text = log.read_text(errors="replace")
        assert secret not in text and secret[:20] not in text, log
        assert hashlib.sha256(token.encode()).hexdigest() not in text.lower(), log


def test_a_database_that_is_away_is_a_503_and_no_open_door(stack, visitor, robot):
    token = issue(stack, robot)
    with stack.database.stopped():
        response = visitor.get("/page/page.txt", token)
        assert problem(response, 503)["code"] == "unavailable"
        assert int(response.headers["Retry-After"]) >= 1
    until(lambda: visitor.get("/page/page.txt", token).status_code == 200, 20, "tokens to be checked again", every=0.2)

"""What a location asks for, in the tail of its check's URI: every word, combined, turned round, misspelt."""

import time
import uuid

import pytest

import access
import application
import contract
import folders
import tokens
from client import Client
from gate import protected
from journal import Event
from problems import problem
from users import add_user
from wait import until

SETTINGS = """[limits]
few = { rate = "3/minute", per = "user" }
"""

# Anna has scopes and groups, Bert has none. The tail of the check's URI, and whom it lets in.
ANNA, BERT, BOTH, NOBODY = {"anna"}, {"bert"}, {"anna", "bert"}, set()
WORDS = {
    "": BOTH,
    "/scope=ops": ANNA,
    "/scope=other,ops": ANNA,
    "/scope=ops/scope=billing": ANNA,
    "/scope=ops/scope=other": NOBODY,
    "/scope=op": NOBODY,
    "/scope=opsy": NOBODY,
    "/scope=OPS": NOBODY,
    "/!scope=ops": BERT,
    "/!scope=other": BOTH,
    "/!scope=other,ops": BERT,
    "/!scope=other/scope=ops": ANNA,
    "/group=staff": ANNA,
    "/group=other,admins": ANNA,
    "/group=staff/group=admins": ANNA,
    "/group=staff/group=other": NOBODY,
    "/group=ops": NOBODY,
    "/!group=staff": BERT,
    "/!group=other": BOTH,
    "/group=staff/!group=admins": NOBODY,
    "/user=anna.gate@example.test": ANNA,
    "/user=anna.gate@example.test,bert.gate@example.test": BOTH,
    "/user=nobody@example.test": NOBODY,
    "/!user=anna.gate@example.test": BERT,
    "/email=anna.gate@example.test": ANNA,
    "/email=ANNA.gate@Example.TEST": ANNA,
    "/email=*@example.test": BOTH,
    "/email=*@other.test,*@example.test": BOTH,
    "/email=*@ample.test": NOBODY,
    "/email=*@test": NOBODY,
    "/email=gate@example.test": NOBODY,
    "/!email=*@example.test": NOBODY,
    "/!email=*@other.test": BOTH,
    "/!email=bert.gate@example.test": ANNA,
    "/fresh=15m": BOTH,
    "/fresh=30d": BOTH,
    "/fresh=3600s": BOTH,
    "/scope=ops/group=staff/user=anna.gate@example.test/email=*@example.test/fresh=1h": ANNA,
    "/!scope=ops/!group=staff/!user=anna.gate@example.test": BERT,
    "/preflight": BOTH,
    "/preflight/scope=ops": ANNA,
    "/limit=few/scope=ops": ANNA,
}

# Nobody gets in, and the journal names the word.
MISTAKES = [
    "/scpe=ops",
    "/Scope=ops",
    "/scope",
    "/scope=",
    "/scope=ops,",
    "/scope=,ops",
    "/scope=a,,b",
    "/group=",
    "/user=",
    "/email=",
    "/email=*",
    "/email=*@",
    "/email=*example.test",
    "/email=an*@example.org",
    "/user=*@example.org",
    "/user=anna",
    "/email=anna",
    "/email=*@*.test",
    "/!email=a*@example.org",
    "/fresh",
    "/fresh=",
    "/fresh=15",
    "/fresh=15x",
    "/fresh=0s",
    "/fresh=-1s",
    "/fresh=1.5h",
    "/fresh=31d",
    "/fresh=15m,1h",
    "/!fresh=15m",
    "/!limit=few",
    "/!preflight",
    "/preflight=yes",
    "/!!scope=ops",
    "/!",
    "/! scope=ops",
    "/limit=nobody",
    "/scope%3Dops",
    "/%73cope=ops",
    "/any-user",
]
# Which word of these is at fault is told in other ways: the empty one, the second fresh, the path as a whole.
MORE_MISTAKES = ["/", "//scope=ops", "/scope=ops/", "/fresh=15m/fresh=15m", "/fresh=15m/fresh=1h", "X", "?scope=ops"]


def folder(tails, tail: str, prefix: str) -> str:
    return f"{prefix}{list(tails).index(tail)}"


@pytest.fixture(scope="module")
def people(stack):
    anna = add_user(stack, email="anna.gate@example.test")
    bert = add_user(stack, email="bert.gate@example.test")
    access.change(stack, anna, "scope", "add", "ops", "billing")
    access.change(stack, anna, "group", "add", "staff", "admins")
    return {"anna": anna, "bert": bert}


@pytest.fixture(scope="module")
def credentials(stack, people):
    return {
        "anna": tokens.token_for(stack, people["anna"], scope="ops billing"),
        "bert": tokens.token_for(stack, people["bert"]),
    }


@pytest.fixture(scope="module")
def upstream():
    with application.running() as running:
        yield running


@pytest.fixture(scope="module")
def site(stack, people, upstream, tmp_path_factory):
    ways = {folder(WORDS, tail, "w"): tail for tail in WORDS}
    ways |= {folder(MISTAKES + MORE_MISTAKES, tail, "m"): tail for tail in MISTAKES + MORE_MISTAKES}
    ways["anna-by-id"] = f"/user={people['anna'].id}"
    ways["either-by-id"] = f"/user={uuid.uuid4()},{people['bert'].id},anna.gate@example.test"
    ways["not-anna-by-id"] = f"/!user={people['anna'].id}"
    root = folders.make_root(tmp_path_factory.mktemp("site"), ways)
    proxied = {
        "/app/": "",
        "/cors/": "/preflight",
        "/cors-ops/": "/preflight/scope=ops",
        "/cors-few/": "/preflight/limit=few",
    }
    text = folders.locations(ways) + "\n"
    text += "\n".join(upstream.location(path, tail, application.IDENTITY) for path, tail in proxied.items())
    with stack.settings.set(SETTINGS), protected(stack, root, text) as site:
        yield site


def challenge(response) -> str:
    return response.headers["WWW-Authenticate"]


def refused(response, status: int, code: str) -> None:
    assert problem(response, status)["code"] == code
    assert folders.KEPT not in response.text


@pytest.mark.parametrize("tail", WORDS)
def test_a_requirement_lets_in_whom_it_names_and_nobody_else(visitor, credentials, tail):
    path = f"/{folder(WORDS, tail, 'w')}/page.txt"
    let_in = set()
    for name, token in credentials.items():
        response = visitor.get(path, token)
        if response.status_code == 200:
            assert response.text == folders.KEPT
            let_in.add(name)
        else:
            assert problem(response, 403)["code"] in ("insufficient_scope", "forbidden")
    assert let_in == WORDS[tail]
    refused(visitor.get(path), 401, "unauthorized")
    refused(visitor.get(path, "a.b.c"), 401, "invalid_token")


def test_a_user_is_named_by_id_as_well(visitor, credentials):
    def statuses(where: str) -> tuple[int, int]:
        return tuple(visitor.get(f"/{where}/page.txt", credentials[name]).status_code for name in ("anna", "bert"))

    assert statuses("anna-by-id") == (200, 403)
    assert statuses("either-by-id") == (200, 200)
    assert statuses("not-anna-by-id") == (403, 200)


def test_a_missing_scope_is_told_as_rfc_6750_says_and_other_wants_are_not(visitor, credentials):
    def answer(tail: str):
        return visitor.get(f"/{folder(WORDS, tail, 'w')}/page.txt", credentials["bert"])

    missing = answer("/scope=ops/scope=billing")
    refused(missing, 403, "insufficient_scope")
    assert challenge(missing).startswith('Bearer realm="postern"')
    assert 'error="insufficient_scope"' in challenge(missing) and 'scope="ops billing"' in challenge(missing)
    for tail in ("/group=staff", "/user=anna.gate@example.test", "/email=*@test"):
        other = answer(tail)
        refused(other, 403, "forbidden")
        assert "WWW-Authenticate" not in other.headers
    turned = visitor.get(f"/{folder(WORDS, '/!scope=ops', 'w')}/page.txt", credentials["anna"])
    refused(turned, 403, "forbidden")


def test_the_journal_says_which_word_was_not_met(stack, visitor, credentials):
    response = visitor.get(f"/{folder(WORDS, '/group=staff/group=other', 'w')}/page.txt", credentials["anna"])
    refused(response, 403, "forbidden")
    event = stack.journal.of_trace(contract.REQUEST_REFUSED, response.headers["X-Request-Id"])
    assert event["reason"] == contract.REQUIREMENT and event["word"] == "group=other"
    # Whom these two name stands in nginx's files, and no e-mail in the journal.
    for tail, word in (("/!email=*@example.test", "!email"), ("/user=nobody@example.test", "user")):
        response = visitor.get(f"/{folder(WORDS, tail, 'w')}/page.txt", credentials["anna"])
        event = stack.journal.of_trace(contract.REQUEST_REFUSED, response.headers["X-Request-Id"])
        assert event["word"] == word and "@" not in event.line


@pytest.mark.parametrize("tail", MISTAKES + MORE_MISTAKES)
def test_a_mistake_shuts_the_location_and_the_journal_names_it(stack, visitor, credentials, tail):
    path = f"/{folder(MISTAKES + MORE_MISTAKES, tail, 'm')}/page.txt"
    mark = stack.journal.mark()

    def line() -> list[Event]:
        # A worker writes one line a second, of whichever location.
        response = visitor.get(path + "?q=private", credentials["anna"])
        refused(response, 403, "forbidden")
        events = [event for event in stack.journal.since(mark) if event.name == contract.UNKNOWN_REQUIREMENT]
        return [event for event in events if event["location"] == path]

    [event, *_] = until(line, 10, f"{contract.UNKNOWN_REQUIREMENT} for {tail}", every=0.1)
    assert event["host"] == "127.0.0.1" and event["reason"] and "private" not in event.line
    if tail in MISTAKES:
        assert event["word"] == tail[1:]
    # Whoever asks without a right, and preflights too, learn nothing of it and do not get in.
    assert visitor.get(path).status_code in (401, 403)
    assert visitor.request("OPTIONS", path, headers=PREFLIGHT).status_code in (401, 403)


class TestFresh:
    path = f"/{folder(WORDS, '/fresh=15m', 'w')}/page.txt"

    def test_a_login_that_is_too_long_ago_is_a_401_that_asks_for_a_new_one(self, stack, visitor, people):
        ago = int(time.time()) - 16 * 60
        old = tokens.token_for(stack, people["anna"], iat=ago, exp=ago + 7200)
        response = visitor.get(self.path, old)
        refused(response, 401, "login_too_old")
        assert 'error="insufficient_user_authentication"' in challenge(response)
        assert "max_age=900" in challenge(response).replace('"', "")
        # RFC 9470: the token itself is good, as every other location says.
        assert visitor.get("/w0/page.txt", old).status_code == 200

    def test_one_just_within_the_time_will_do(self, stack, visitor, people):
        ago = int(time.time()) - 14 * 60
        recent = tokens.token_for(stack, people["anna"], iat=ago, exp=ago + 7200)
        assert visitor.get(self.path, recent).text == folders.KEPT

    def test_a_service_token_is_never_fresh(self, stack, visitor, people):
        token = access.issue(stack, people["anna"])
        refused(visitor.get(self.path, token), 401, "login_too_old")
        assert visitor.get("/w0/page.txt", token).text == folders.KEPT

    def test_a_password_is_always_fresh(self, stack, visitor, people):
        with stack.settings.set("[gate]\nbasic = true\n"):
            assert visitor.get(self.path, headers=access.basic_of(people["anna"])).text == folders.KEPT


PREFLIGHT = {"Origin": "https://app.example.test", "Access-Control-Request-Method": "PUT"}


class TestPreflight:
    def test_it_passes_without_an_identity(self, visitor, upstream):
        forged = {"Remote-User": "root", "Remote-Groups": "admins"}
        response = visitor.request("OPTIONS", "/cors/thing", headers=PREFLIGHT | forged)
        assert response.status_code == 200
        assert not [name for name in response.json() if name.startswith("remote")]

    def test_only_where_the_location_says_so(self, visitor):
        assert visitor.request("OPTIONS", "/app/thing", headers=PREFLIGHT).status_code == 401

    def test_the_other_words_bind_only_whoever_is_no_preflight(self, visitor, credentials):
        assert visitor.request("OPTIONS", "/cors-ops/thing", headers=PREFLIGHT).status_code == 200
        assert visitor.get("/cors-ops/thing", credentials["bert"]).status_code == 403
        assert visitor.get("/cors-ops/thing", credentials["anna"]).status_code == 200

    @pytest.mark.parametrize("missing", PREFLIGHT)
    def test_without_either_header_it_is_none(self, visitor, missing):
        headers = {name: value for name, value in PREFLIGHT.items() if name != missing}
        assert visitor.request("OPTIONS", "/cors/thing", headers=headers).status_code == 401

    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])
    def test_no_other_method_is_one(self, visitor, upstream, method):
        before = len(upstream.asked)
        assert visitor.request(method, "/cors/thing", headers=PREFLIGHT).status_code in (401, 405)
        assert len(upstream.asked) == before

    def test_with_a_credential_it_is_a_request_like_any_other(self, visitor, credentials):
        def status(path: str, authorization: str) -> int:
            headers = PREFLIGHT | {"Authorization": authorization}
            return visitor.request("OPTIONS", path, headers=headers).status_code

        assert status("/cors/thing", "Bearer a.b.c") == 401
        assert status("/cors/thing", "Basic YTpi") == 401
        assert status("/cors/thing", "Unknown credential") == 401
        assert status("/cors-ops/thing", "Bearer " + credentials["bert"]) == 403
        assert status("/cors-ops/thing", "Bearer " + credentials["anna"]) == 200

    def test_a_limit_counts_it_by_its_address(self, site, visitor):
        statuses = [visitor.request("OPTIONS", "/cors-few/thing", headers=PREFLIGHT).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        assert Client(site).request("OPTIONS", "/cors-few/thing", headers=PREFLIGHT).status_code == 200


class TestChanges:
    """Of groups and scopes: in force at the next request on either worker."""

    def statuses(self, workers_apart, parameters, tail: str, token: str) -> set[int]:
        request = parameters("GET", "/postern/auth" + tail, POSTERN_ROLE="check", HTTP_AUTHORIZATION="Bearer " + token)
        return {connection.ask(request).status for connection in workers_apart.values()}

    @pytest.mark.parametrize("kind", ["group", "scope"])
    def test_add_and_remove(self, stack, user, workers_apart, parameters, kind):
        token = tokens.token_for(stack, user, scope="press other")
        for _ in range(2):
            assert self.statuses(workers_apart, parameters, f"/{kind}=press", token) == {403}
            access.change(stack, user, kind, "add", "press", "more")
            assert self.statuses(workers_apart, parameters, f"/{kind}=press", token) == {204}
            assert self.statuses(workers_apart, parameters, f"/!{kind}=press", token) == {403}
            access.change(stack, user, kind, "remove", "press")
            assert self.statuses(workers_apart, parameters, f"/!{kind}=press", token) == {204}

    def test_a_token_has_no_more_than_it_was_given_nor_more_than_its_user(self, stack, user, workers_apart, parameters):
        narrow = tokens.token_for(stack, user, scope="read")
        greedy = tokens.token_for(stack, user, scope="read write admin")
        access.change(stack, user, "scope", "add", "read", "write")
        for token, scopes in ((narrow, {"read"}), (greedy, {"read", "write"})):
            for scope in ("read", "write", "admin"):
                wanted = {204} if scope in scopes else {403}
                assert self.statuses(workers_apart, parameters, f"/scope={scope}", token) == wanted

    def test_the_application_is_told_the_groups_and_scopes_of_now(self, stack, site, user):
        token = tokens.token_for(stack, user, scope="read write")
        access.change(stack, user, "scope", "add", "read", "write")
        access.change(stack, user, "group", "add", "staff", "press")
        told = Client(site).get("/app/", token, headers={"Remote-Groups": "admins"}).json()
        assert told["remote-user"] == [user.id] and told["remote-email"] == [user.email]
        assert told["remote-name"] == [user.name]
        assert set(told["remote-groups"][0].split(",")) == {"staff", "press"} and len(told["remote-groups"]) == 1
        assert set(told["remote-scopes"][0].split(" ")) == {"read", "write"}
        access.change(stack, user, "group", "remove", "staff", "press")
        access.change(stack, user, "scope", "remove", "write")
        told = Client(site).get("/app/", token).json()
        assert "remote-groups" not in told and told["remote-scopes"] == ["read"]

"""HTTP Basic at the gate: the same door as /login, for programs that know nothing else."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest

import access
import contract
import folders
import tokens
from access import basic, basic_of
from basic_gate import checks, get, setting, visible
from basic_gate import new_visitor, on, site  # fixtures: pytest finds them by name
from client import Client
from guesses import guess, hashes, nobody, reason
from problems import problem
from wait import until

LIMITED = '[limits]\nfew = { rate = "5/minute", per = "user" }\n'


class TestOff:
    """As shipped."""

    def test_a_password_is_no_credential_and_costs_no_hash(self, stack, visitor, user):
        mark = stack.journal.mark()
        response = get(visitor, basic_of(user))
        assert problem(response, 401)["code"] == "unauthorized"
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="postern"'
        assert hashes(stack.journal, mark) == 0

    def test_it_is_switched_on_and_off_by_a_reload(self, stack, visitor, user):
        with stack.settings.set(setting()):
            assert get(visitor, basic_of(user)).text == folders.KEPT
        assert get(visitor, basic_of(user)).status_code == 401  # although it was remembered a moment ago


@pytest.mark.usefixtures("on")
class TestDoor:
    def test_a_right_password_passes_and_says_who_it_is(self, visitor, user):
        response = get(visitor, basic_of(user), "/who/page.txt")
        assert response.text == folders.KEPT
        assert response.headers["X-Who"] == f"{user.id} {user.email}"

    def test_a_browser_is_told_of_both_ways(self, visitor):
        response = visitor.get("/page/page.txt")
        assert problem(response, 401)["code"] == "unauthorized"
        challenges = response.raw.headers.getlist("WWW-Authenticate")
        assert ", ".join(challenges) == 'Bearer realm="postern", Basic realm="postern", charset="UTF-8"'

    def test_a_wrong_one_is_a_401_with_a_code_of_its_own(self, stack, visitor, user):
        response = get(visitor, basic(user.email, guess()))
        assert problem(response, 401)["code"] == "invalid_credentials"
        assert 'Basic realm="postern", charset="UTF-8"' in response.headers["WWW-Authenticate"]
        assert "error=" not in response.headers["WWW-Authenticate"]  # of RFC 6750: no token was sent
        assert reason(stack.journal, response, contract.LOGIN_FAILED) == contract.WRONG_PASSWORD

    def test_wrong_unknown_and_inactive_cannot_be_told_apart(self, stack, new_visitor, new_user):
        inactive, known = new_user(), new_user()
        assert stack.postern("user", "disable", inactive.email).returncode == 0
        tries = [
            basic(known.email, guess()),
            basic(nobody(), guess()),
            basic_of(inactive),
            basic(inactive.email, guess()),
        ]
        answers = [visible(get(new_visitor(), credential)) for credential in tries]
        assert answers[0][0] == 401 and answers.count(answers[0]) == len(answers)

    def test_all_scopes_of_the_user_are_the_passwords(self, stack, visitor, user):
        refused = get(visitor, basic_of(user), "/ops/page.txt")
        assert problem(refused, 403)["code"] == "insufficient_scope"
        access.change(stack, user, "scope", "add", "ops")
        assert get(visitor, basic_of(user), "/ops/page.txt").text == folders.KEPT

    def test_events_and_networks_are_noted_as_at_any_other_door(self, stack, visitor, user):
        response = get(visitor, basic_of(user))
        assert response.status_code == 200
        query = f"SELECT outcome, door, address FROM login_events WHERE user_id = '{user.id}'"
        assert until(lambda: stack.database.sql(query), 10, "the event") == [["ok", "basic", visitor.address]]
        network = f"SELECT network FROM user_networks WHERE user_id = '{user.id}'"
        assert until(lambda: stack.database.sql(network), 10, "the network") == [[visitor.address]]

    def test_a_named_limit_counts_by_user(self, stack, new_visitor, user, token):
        with stack.settings.set(setting(more=LIMITED)):
            statuses = [get(new_visitor(), basic_of(user), "/few/page.txt").status_code for _ in range(4)]
            statuses += [new_visitor().get("/few/page.txt", token).status_code for _ in range(2)]
        assert statuses == [200] * 5 + [429]

    def test_routes_of_the_api_take_no_password(self, stack, client, user):
        mark = stack.journal.mark()
        response = client.get("/me", headers=basic_of(user))
        assert problem(response, 401)["code"] == "unauthorized"
        assert "Basic" not in response.headers["WWW-Authenticate"]
        assert hashes(stack.journal, mark) == 0


class TestText:
    @pytest.mark.parametrize(
        "password",
        [
            "pässwörd mit ümläuten",
            "密码密码密码密码密码密码密码密码 🔑",
            "with:colons:in:it",
            " blanks at both ends ",
            "a" * 72,
        ],
    )
    @pytest.mark.usefixtures("on")
    def test_passwords_are_utf_8(self, visitor, new_user, password):
        user = new_user(password=password)
        assert get(visitor, basic_of(user)).text == folders.KEPT

    @pytest.mark.usefixtures("on")
    def test_an_email_is_normalised_as_at_login(self, visitor, new_user):
        user = new_user(email="josé.basic@example.test")
        for spelling in (user.email, "JOSé.Basic@EXAMPLE.test", "jose\u0301.basic@example.test"):
            assert get(visitor, basic(spelling, user.password)).text == folders.KEPT

    @pytest.mark.parametrize(
        "credential",
        [
            b"",
            b"anna",
            b":",
            b":password",
            b"anna@example.test:",
            b"anna@example.test:p\xe4ssword",  # Latin-1
            b"anna@example.test:\x00",
            b"anna@example.test:a\x00b",
            b"anna@example.test:a\nb",
            b"anna@example.test:a\x7fb",
            b"anna\x01@example.test:password",
            b"\xff\xfe:\xff",
            b"a" * 5000 + b":b",
        ],
    )
    @pytest.mark.usefixtures("on")
    def test_what_cannot_be_one_is_refused_without_a_hash(self, stack, visitor, credential):
        mark = stack.journal.mark()
        response = get(visitor, {"Authorization": "Basic " + base64.b64encode(credential).decode()})
        assert response.status_code in (400, 401) and folders.KEPT not in response.text
        assert hashes(stack.journal, mark) == 0

    @pytest.mark.usefixtures("on")
    def test_an_endless_password_is_a_wrong_one(self, visitor, user):
        response = get(visitor, basic(user.email, user.password + "b" * 5000))
        assert problem(response, 401)["code"] == "invalid_credentials"

    @pytest.mark.parametrize(
        "text", ["Basic", "Basic ", "Basic !!!", "Basic YQ", "Basic YTpi=", "Basic  YTpi YTpi", "Basic YTpi, Bearer x"]
    )
    @pytest.mark.usefixtures("on")
    def test_a_broken_header_is_refused_without_a_hash(self, stack, visitor, text):
        mark = stack.journal.mark()
        response = get(visitor, {"Authorization": text})
        assert response.status_code in (400, 401) and folders.KEPT not in response.text
        assert hashes(stack.journal, mark) == 0

    @pytest.mark.usefixtures("on")
    def test_the_scheme_is_read_in_any_case(self, visitor, user):
        value = basic_of(user)["Authorization"].removeprefix("Basic ")
        for scheme in ("basic", "BASIC"):
            assert get(visitor, {"Authorization": f"{scheme} {value}"}).text == folders.KEPT


class TestDatabaseAway:
    @pytest.mark.usefixtures("on")
    def test_it_is_a_503_and_never_an_open_door(self, stack, visitor, new_user):
        known, user = new_user(), new_user()
        with stack.database.stopped():
            for credential in (basic_of(user), basic(known.email, guess()), basic(nobody(), guess())):
                response = get(visitor, credential)
                assert problem(response, 503)["code"] == "unavailable"
                assert int(response.headers["Retry-After"]) >= 1
                assert folders.KEPT not in response.text
            assert get(visitor, {}).status_code == 401
        until(lambda: get(visitor, basic_of(user)).status_code == 200, 20, "logins to work again", every=0.2)

    def test_who_is_remembered_is_served_until_the_user_is_forgotten(self, stack, user, workers_apart, parameters):
        with stack.settings.set(setting("60s")):
            assert checks(workers_apart, parameters, basic_of(user)) == {1: 204, 2: 204}
            with stack.database.frozen():
                assert checks(workers_apart, parameters, basic_of(user)) == {1: 204, 2: 204}

                def forgotten() -> bool:
                    return checks(workers_apart, parameters, basic_of(user)) == {
                        1: 403,
                        2: 403,
                    }  # 503, as a check says it

                until(forgotten, 15, "the users' cache time to end", every=0.5)

    @pytest.mark.usefixtures("on")
    def test_sixty_at_once_on_a_frozen_database_are_refused_in_time(self, stack, visitor, user):
        with stack.database.frozen(), ThreadPoolExecutor(60) as pool:
            statuses = set(pool.map(lambda _: get(Client(visitor.site), basic_of(user)).status_code, range(60)))
            assert statuses == {503}
        until(lambda: get(visitor, basic_of(user)).status_code == 200, 20, "logins to work again", every=0.2)


@pytest.mark.usefixtures("on")
def test_no_password_stands_in_the_journal(stack, visitor, user):
    mark = stack.journal.mark()
    wrong = guess()
    response = get(visitor, basic(user.email, wrong))
    get(visitor, basic_of(user))
    stack.journal.of_trace(contract.LOGIN_FAILED, response.headers["X-Request-Id"])
    for secret in (wrong, user.password, user.email, basic_of(user)["Authorization"].split()[1]):
        assert secret not in stack.journal.text(mark)


@pytest.mark.usefixtures("on")
def test_a_token_is_taken_as_before(stack, visitor, user):
    mark = stack.journal.mark()
    assert visitor.get("/page/page.txt", tokens.token_for(stack, user)).text == folders.KEPT
    assert hashes(stack.journal, mark) == 0

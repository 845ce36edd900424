"""The two token shapes of the Python service that Postern replaces: with the setting only."""

import time

import pytest

import contract
import tokens

MIGRATION = '[tokens.migration]\nuntil = "2099-12-31"\n'
OVER = '[tokens.migration]\nuntil = "2020-01-01"\n'


def end() -> int:
    return int(time.time()) + 600


SHAPES = {
    "user id and e-mail": lambda user: {"client_id": user.id, "email": user.email, "exp": end()},
    "e-mail as subject": lambda user: {"sub": user.email, "exp": end()},
}
TYPES = {"typ JWT": {"typ": "JWT"}, "no typ": {"typ": None}}

each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
each_type = pytest.mark.parametrize("header", TYPES.values(), ids=TYPES.keys())


@pytest.fixture(scope="class")
def migration(stack):
    mark = stack.journal.mark()
    with stack.settings.set(MIGRATION):
        yield mark


@each_shape
@each_type
def test_without_the_setting_an_old_token_is_refused(stack, client, user, shape, header):
    assert client.get("/me", tokens.sign(stack, shape(user), header)).status_code == 401


class TestWithTheSetting:
    @each_shape
    @each_type
    def test_an_old_token_is_accepted(self, migration, stack, client, user, shape, header):
        response = client.get("/me", tokens.sign(stack, shape(user), header))
        assert response.status_code == 200, response.text
        assert response.json()["client_id"] == user.id

    def test_each_is_counted_in_the_log(self, migration, stack, client, user):
        """So that a sysadmin sees when the setting is no longer needed: at once, then once a minute for each worker."""
        token = tokens.sign(stack, SHAPES["e-mail as subject"](user), {"typ": "JWT"})
        assert client.get("/me", token).status_code == 200
        [event, *_] = stack.journal.wait_for(
            migration, lambda event: event.name == contract.TOKEN_MIGRATED, contract.TOKEN_MIGRATED, seconds=90
        )
        assert int(event["count"]) >= 1

    def test_a_new_token_is_accepted_as_before(self, migration, stack, client, user):
        assert client.get("/me", tokens.token_for(stack, user)).status_code == 200

    @pytest.mark.parametrize(
        "reason, changes",
        [
            (contract.WRONG_ISSUER, {"iss": "https://elsewhere.example"}),
            (contract.WRONG_AUDIENCE, {"aud": "https://elsewhere.example"}),
            (contract.WRONG_EMAIL, {"email": "somebody.else@example.test"}),
            (contract.EXPIRED, {"exp": 1_600_000_000}),
        ],
    )
    def test_what_an_old_token_does_say_is_still_checked(self, migration, stack, client, user, reason, changes):
        content = SHAPES["user id and e-mail"](user) | changes
        response = client.get("/me", tokens.sign(stack, content, {"typ": "JWT"}))
        assert response.status_code == 401
        event = stack.journal.of_trace(contract.REQUEST_REFUSED, response.headers["X-Request-Id"])
        assert event["reason"] == reason

    def test_an_old_token_counts_as_version_1(self, migration, stack, client, user):
        stack.database.sql(f"UPDATE users SET token_version = 2 WHERE id = '{user.id}'")
        response = client.get("/me", tokens.sign(stack, SHAPES["e-mail as subject"](user), {"typ": "JWT"}))
        assert response.status_code == 401

    def test_an_old_token_with_another_key_is_refused(self, migration, stack, client, user):
        token = tokens.sign(stack, SHAPES["e-mail as subject"](user), {"typ": "JWT"}, key=b"k" * 48)
        assert client.get("/me", token).status_code == 401


def test_the_setting_ends_on_its_date(stack, client, user):
    with stack.settings.set(OVER):
        token = tokens.sign(stack, SHAPES["e-mail as subject"](user), {"typ": "JWT"})
        assert client.get("/me", token).status_code == 401

"""MariaDB stopped and frozen: never an open door, never a crash, back by itself."""

import signal
import statistics
import time

import pytest

import tokens
from problems import problem
from wait import until

USER_CACHE = 5  # seconds
FIRST_TIMEOUT = 1.5  # seconds: the promise for the first requests on a frozen database
BREAKER = 0.05  # seconds: the promise once the breaker is open


def seconds(action) -> tuple[float, object]:
    start = time.monotonic()
    result = action()
    return time.monotonic() - start, result


def assert_away(response) -> None:
    problem(response, 503)
    assert int(response.headers["Retry-After"]) >= 1


def assert_all_is_well_again(stack, client, user) -> None:
    until(lambda: client.get("/readyz").status_code == 200, 20, "/readyz to be 200 again", every=0.1)
    until(lambda: client.login(user.email, user.password).status_code == 200, 20, "logins to work again", every=0.2)
    assert client.get("/me", tokens.token_for(stack, user)).status_code == 200


def test_a_stopped_database_is_a_503_with_retry_after(stack, client, user):
    with stack.database.stopped():
        assert_away(client.login(user.email, user.password))
        assert_away(client.login("nobody@example.test", "not a password"))
        assert_away(client.get("/me", tokens.token_for(stack, user)))
        assert client.grant(user.email, user.password).status_code == 503
        until(lambda: client.get("/readyz").status_code == 503, 3, "/readyz to be 503", every=0.1)
        assert client.get("/healthz").status_code == 200
        assert client.get("/me").status_code == 401
        assert client.get("/photos/unknown").status_code == 404
    assert_all_is_well_again(stack, client, user)


def test_known_users_are_served_until_their_cache_time_ends(stack, user, workers_apart, parameters):
    request = parameters("GET", "/me", HTTP_AUTHORIZATION="Bearer " + tokens.token_for(stack, user))

    def statuses() -> set[int]:
        return {connection.ask(request).status for connection in workers_apart.values()}

    assert statuses() == {200}
    with stack.database.frozen():
        assert statuses() == {200}
        until(lambda: statuses() == {503}, 3 * USER_CACHE, "the cache time to end", every=1)


def test_a_frozen_database_holds_nobody_longer_than_promised(stack, client, user):
    with stack.database.frozen():
        # The first requests wait for their time-out, in each worker and until its breaker opens.
        for _ in range(6):
            took, response = seconds(lambda: client.login(user.email, user.password))
            assert_away(response)
            assert took <= 3 * FIRST_TIMEOUT
        tries = []
        for _ in range(9):
            took, response = seconds(lambda: client.login(user.email, user.password))
            assert_away(response)
            tries.append(took)
        assert statistics.median(tries) <= 3 * BREAKER
        until(lambda: client.get("/readyz").status_code == 503, 3 * FIRST_TIMEOUT, "/readyz to be 503", every=0.1)
        assert client.get("/healthz").status_code == 200
    assert_all_is_well_again(stack, client, user)


def test_a_login_that_meets_a_dead_database_gives_its_place_back(stack, client, user):
    with stack.database.stopped():
        assert [client.login(user.email, user.password).status_code for _ in range(25)] == [503] * 25
    assert_all_is_well_again(stack, client, user)


@pytest.mark.ends_workers
def test_workers_start_while_the_database_is_away(stack, client, user):
    with stack.database.stopped():
        for number in (1, 2):
            stack.workers.end(number, signal.SIGTERM)
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        assert_away(client.login(user.email, user.password))
    assert_all_is_well_again(stack, client, user)


def test_connections_that_the_server_ended_are_made_anew(stack, client, user):
    assert client.login(user.email, user.password).status_code == 200
    idle = "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND command = 'Sleep'"
    for [number] in stack.database.sql(idle):
        stack.database.sql(f"KILL {number}")
    for _ in range(4):
        assert client.login(user.email, user.password).status_code == 200


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "*0",
        "$1$abcdefgh$ZRYMI06FGRJLP0mXhJnxC.",
        "$2x$10$" + "a" * 53,
        "$2b$31$" + "a" * 53,
        "plain text",
        "$2b$10$short",
    ],
)
def test_a_poisoned_hash_fails_like_a_wrong_password(stack, client, user, stored):
    stack.database.sql(f"UPDATE users SET password_hash = '{stored}' WHERE id = '{user.id}'")
    took, response = seconds(lambda: client.login(user.email, user.password))
    problem(response, 401)
    assert took < 15  # a hash of cost 31 takes a day

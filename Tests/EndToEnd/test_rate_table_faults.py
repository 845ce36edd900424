"""The rate table damaged under running workers: docs/rate-limits.md says what comes of it."""

import os
import random
import secrets
from contextlib import contextmanager

import pytest

import contract
import tokens
from load import Load
from problems import problem
from wait import until

LIMIT = 20  # [limits] api


def table(stack):
    return stack.run / "rates"


@contextmanager
def no_table(stack):
    """The file truncated under the workers, and a folder in its place, so that no new one can be made."""
    away = stack.run / "rates.away"
    os.rename(table(stack), away)
    table(stack).mkdir()
    os.truncate(away, 0)
    try:
        yield
    finally:
        table(stack).rmdir()
        away.unlink()


def admitted(client, token: str, count: int) -> int:
    return [client.get("/me", token).status_code for _ in range(count)].count(200)


def wait_until_back(stack, client, user) -> None:
    until(lambda: client.get("/readyz").status_code == 200, 20, "/readyz to be 200 again", every=0.1)
    until(lambda: client.login(user.email, user.password).status_code == 200, 20, "logins to work again", every=0.2)


def test_without_a_table_logins_are_closed_and_the_rest_is_open(stack, client, user):
    token = tokens.token_for(stack, user)
    mark = stack.journal.mark()
    with no_table(stack):
        until(lambda: client.login(user.email, user.password).status_code == 503, 10, "logins to be closed")
        closed = client.login(user.email, user.password)
        problem(closed, 503)
        assert int(closed.headers["Retry-After"]) >= 1
        assert client.grant(user.email, user.password).status_code == 503
        assert admitted(client, token, 3 * LIMIT) == 3 * LIMIT
        assert [client.get("/public/search?q=a").status_code for _ in range(10)] == [200] * 10
        both = stack.journal.wait_for(
            mark, lambda event: event.name == contract.TABLE_LOST, contract.TABLE_LOST, count=2, seconds=15
        )
        assert all(event["reason"] for event in both)
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
    wait_until_back(stack, client, user)
    stack.journal.wait_for(mark, lambda event: event.name == contract.TABLE_BACK, contract.TABLE_BACK, count=2)
    assert admitted(client, token, 2 * LIMIT) == LIMIT


def test_when_away_is_a_setting_of_each_limit(stack, client, user):
    token = tokens.token_for(stack, user)
    settings = (
        '[limits]\nlogin = { rate = "20/minute", per = "address", when_away = "open" }\n'
        'api = { rate = "20/minute", per = "user", when_away = "closed" }\n'
        '[login]\nwhen_away = "open"\n'
    )
    with stack.settings.set(settings):
        with no_table(stack):
            until(lambda: client.get("/me", token).status_code == 503, 10, "the API to be closed")
            problem(client.get("/me", token), 503)
            assert client.login(user.email, user.password).status_code == 200
            assert client.login(user.email, "not the password").status_code == 401
            assert client.get("/public/search?q=a").status_code == 200
        until(lambda: client.get("/me", token).status_code == 200, 20, "the table to be back", every=0.1)


def test_logins_stay_closed_where_the_budgets_alone_are_missing(stack, client, user):
    settings = '[limits]\nlogin = { rate = "20/minute", per = "address", when_away = "open" }\n'
    with stack.settings.set(settings):
        with no_table(stack):
            until(lambda: client.login(user.email, user.password).status_code == 503, 10, "logins to be closed")
        wait_until_back(stack, client, user)


def truncate(path) -> None:
    os.truncate(path, 0)


def halve(path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path, content) -> None:
    with path.open("r+b") as file:
        for _ in range(path.stat().st_size // (1 << 20)):
            file.write(content(1 << 20))


def zero(path) -> None:
    overwrite(path, bytes)


def fill_with_random_bytes(path) -> None:
    overwrite(path, secrets.token_bytes)


def damage_inside(path) -> None:
    """The header stays; a thousand words behind it become anything."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        for _ in range(1000):
            file.seek(random.randrange(1 << 16, size - 8) & ~7)
            file.write(secrets.token_bytes(8))


@pytest.fixture
def load(stack, new_client, new_user):
    """Requests of six users and wrong logins, all the while."""
    with stack.settings.set("[login]\npauses = []\n"):
        each = [(new_client(), tokens.token_for(stack, new_user())) for _ in range(6)]

        def ask() -> int:
            client, token = random.choice(each)
            return client.get("/me", token).status_code

        with Load(ask, 6).running() as load:
            until(lambda: len(load.answers) > 100, 30, "the load to run")
            yield load


# In this order: a new table takes the counts of the old one over where it can, and with them words that are damaged, each of
# which costs somebody a refusal when it is met. From the last there is nothing to take: later tests have a sound table.
DAMAGES = [damage_inside, os.unlink, truncate, halve, zero, fill_with_random_bytes]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_under_load_ends_no_worker_and_a_sound_table_is_back(stack, client, new_user, load, damage):
    """That the same processes live on is looked at after every test."""
    user = new_user()
    size = table(stack).stat().st_size
    damage(table(stack))
    count = len(load.answers)
    until(lambda: len(load.answers) > count + 200, 30, "the load to go on")
    until(lambda: table(stack).exists() and table(stack).stat().st_size == size, 10, "a whole table to be there")
    wait_until_back(stack, client, user)
    assert set(load.answers) <= {200, 429}
    assert load.failures == []
    fresh = tokens.token_for(stack, new_user())
    assert admitted(client, fresh, 2 * LIMIT) == LIMIT


def test_counts_move_into_the_new_file_when_the_old_one_is_unlinked(stack, client, user):
    token = tokens.token_for(stack, user)
    assert admitted(client, token, 12) == 12
    table(stack).unlink()

    def noticed() -> bool:
        client.get("/public/search?q=a")  # a worker looks when it decides
        return table(stack).exists()

    until(noticed, 10, "a new table")
    assert admitted(client, token, 20) == LIMIT - 12

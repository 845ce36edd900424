"""What became of logins, in MariaDB and in `postern user show`: for "Anna cannot log in"."""

import contract
from guesses import guess, nobody
from wait import until


def rows(stack, user) -> list[list[str]]:
    return stack.database.sql(
        f"SELECT outcome, reason, address, door, trace FROM login_events WHERE user_id = '{user.id}' ORDER BY id"
    )


def wait_for_rows(stack, user, count: int) -> list[list[str]]:
    """Events are written behind the answers, in batches."""
    until(lambda: len(rows(stack, user)) >= count, 10, f"{count} login events of {user.id}")
    return rows(stack, user)


def test_each_outcome_is_a_row_with_reason_address_door_and_trace(stack, client, user):
    wrong = client.login(user.email, guess())
    paused = client.login(user.email, user.password)
    with stack.settings.set("[login]\npauses = []\n"):
        good = client.grant(user.email, user.password)
    assert (wrong.status_code, paused.status_code, good.status_code) == (401, 401, 200)
    stack.confidential.add(good.json()["access_token"])
    expected = [
        ("failed", contract.WRONG_PASSWORD, "login", wrong),
        ("blocked", contract.PAUSED, "login", paused),
        ("ok", None, "token", good),
    ]
    found = {row[4]: row for row in wait_for_rows(stack, user, 3)}
    assert len(found) == 3
    for outcome, reason, door, response in expected:
        row = found[response.headers["X-Request-Id"]]
        assert row[0] == outcome and row[2:4] == [client.address, door]
        if reason:
            assert row[1] == reason


def test_a_login_of_an_unknown_email_is_a_row_without_a_user(stack, client):
    email = nobody()
    trace = client.login(email, guess()).headers["X-Request-Id"]
    query = f"SELECT outcome, reason, user_id IS NULL FROM login_events WHERE trace = '{trace}'"
    until(lambda: stack.database.sql(query), 10, "the event to be written")
    assert stack.database.sql(query) == [["failed", contract.UNKNOWN_EMAIL, "1"]]


def test_no_password_and_no_email_stands_in_the_table(stack, client, user):
    password = guess()
    client.login(user.email, password)
    wait_for_rows(stack, user, 1)
    text = "\n".join("\t".join(row) for row in stack.database.sql("SELECT * FROM login_events"))
    for secret in (password, user.email, user.password):
        assert secret not in text


def test_user_show_lists_the_last_outcomes_with_reasons(stack, client, user):
    client.login(user.email, guess())
    client.login(user.email, user.password)
    wait_for_rows(stack, user, 2)
    done = stack.postern("user", "show", user.email)
    assert done.returncode == 0, done.stderr
    for words in ("failed: wrong password", "blocked: too soon after a wrong password", client.address):
        assert words in done.stdout, done.stdout


def test_the_table_is_bounded_by_rows(stack, new_client, user):
    """The oldest go; new settings bring the purge about at once, however long the worker has been running."""
    stack.database.sql(
        "INSERT INTO login_events (at, outcome, reason, user_id, address, door, trace) SELECT "
        f"NOW(3) - INTERVAL 1 HOUR, 'failed', 'wrong_password', '{user.id}', '192.0.2.1', 'login', REPEAT('0', 32) "
        "FROM seq_1_to_5000"
    )
    with stack.settings.set('[login]\npauses = []\nkeep_event_rows = 1000\n'):
        until(lambda: int(stack.database.sql("SELECT COUNT(*) FROM login_events")[0][0]) <= 1100, 60, "the purge", 1)
        assert new_client().login(user.email, user.password).status_code == 200
        last = f"SELECT outcome FROM login_events WHERE user_id = '{user.id}' ORDER BY id DESC LIMIT 1"
        until(lambda: stack.database.sql(last) == [["ok"]], 10, "the login's event, which stays")


def test_a_database_that_is_away_keeps_no_login_waiting_for_its_event(stack, client, user):
    with stack.database.stopped():
        assert client.login(user.email, guess()).status_code == 503
    until(lambda: client.login(user.email, user.password).status_code == 200, 20, "logins to work again", every=0.2)
    assert wait_for_rows(stack, user, 1)[-1][0] == "ok"

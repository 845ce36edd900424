"""A user who is disabled is out: by `postern` at the next request, by SQL within the cache time."""

import pytest

import tokens
from wait import until

USER_CACHE = 5  # seconds, the default of [tokens] user_cache


def answers(workers_apart, parameters, token) -> dict[int, int]:
    """The status of GET /me at each worker."""
    request = parameters("GET", "/me", HTTP_AUTHORIZATION="Bearer " + token)
    return {number: connection.ask(request).status for number, connection in workers_apart.items()}


@pytest.mark.usefixtures("no_pauses")
def test_disable_is_in_force_on_the_next_request_to_either_worker(
    stack, client, user, token, workers_apart, parameters
):
    assert answers(workers_apart, parameters, token) == {1: 200, 2: 200}
    assert client.get("/me", token).status_code == 200

    assert stack.postern("user", "disable", user.email).returncode == 0
    assert answers(workers_apart, parameters, token) == {1: 401, 2: 401}
    assert client.get("/me", token).status_code == 401
    assert client.login(user.email, user.password).status_code == 401

    # Who is let in again logs in again: the tokens from before stay void.
    assert stack.postern("user", "enable", user.email).returncode == 0
    assert answers(workers_apart, parameters, token) == {1: 401, 2: 401}
    new = client.login(user.email, user.password).json()["access_token"]
    stack.confidential.add(new)
    assert answers(workers_apart, parameters, new) == {1: 200, 2: 200}


def test_a_change_by_sql_is_in_force_within_the_cache_time(stack, client, user, token):
    assert client.get("/me", token).status_code == 200
    stack.database.sql(f"UPDATE users SET is_active = 0 WHERE id = '{user.id}'")
    # Once a second: a user has 20 requests a minute.
    until(lambda: client.get("/me", token).status_code == 401, 3 * USER_CACHE, "the SQL change to be seen", every=1)


def test_a_new_name_comes_from_the_database(stack, client, user, token):
    stack.database.sql(f"UPDATE users SET name = 'Åsa \"Q\" <b>' WHERE id = '{user.id}'")
    assert client.get("/me", token).json()["client_name"] == 'Åsa "Q" <b>'


@pytest.mark.usefixtures("no_pauses")
def test_a_new_password_ends_the_old_one_and_all_tokens_at_once(stack, client, user, token):
    assert client.get("/me", token).status_code == 200
    new = "another password, long enough"
    stack.confidential.add(new)
    done = stack.postern("user", "password", user.email, "--password-stdin", input=new + "\n")
    assert done.returncode == 0, done.stderr
    assert client.get("/me", token).status_code == 401
    assert client.login(user.email, user.password).status_code == 401
    assert client.login(user.email, new).status_code == 200


def test_a_user_who_is_deleted_by_sql_is_out_within_the_cache_time(stack, client, new_user):
    user = new_user()
    token = tokens.token_for(stack, user)
    assert client.get("/me", token).status_code == 200
    stack.database.sql(f"DELETE FROM users WHERE id = '{user.id}'")
    until(lambda: client.get("/me", token).status_code == 401, 3 * USER_CACHE, "the deletion to be seen", every=1)

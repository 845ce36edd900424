"""postern user group and scope: add, remove."""

import json

import pytest

DONE, FAILED, UNUSABLE, NOT_FOUND = 0, 1, 2, 3


def change(stack, *words):
    done = stack.postern("user", *words, "--json")
    assert done.returncode == DONE, done.stderr
    return json.loads(done.stdout)


def identity(workers_apart, parameters, token, field: str) -> set[str]:
    """What each worker's check says of the token's user."""
    request = parameters("GET", "/postern/auth", POSTERN_ROLE="check", HTTP_AUTHORIZATION="Bearer " + token)
    answers = [connection.ask(request) for connection in workers_apart.values()]
    assert {answer.status for answer in answers} == {204}
    return {answer.headers.get(field, "") for answer in answers}


def test_groups_are_in_force_on_the_next_request_to_either_worker(stack, user, token, workers_apart, parameters):
    assert identity(workers_apart, parameters, token, "remote-groups") == {""}
    made = change(stack, "group", "add", user.email, "ops", "staff")
    assert made["groups"] == made["changed"] == ["ops", "staff"] and made["token_version"] == 1
    assert identity(workers_apart, parameters, token, "remote-groups") == {"ops,staff"}
    assert change(stack, "group", "remove", user.id, "ops")["groups"] == ["staff"]
    assert identity(workers_apart, parameters, token, "remote-groups") == {"staff"}


def test_a_scope_that_is_taken_away_counts_no_more_and_a_new_one_is_in_the_next_login(
    stack, client, new_user, workers_apart, parameters
):
    user = new_user()
    change(stack, "scope", "add", user.email, "read", "write")
    login = client.login(user.email, user.password)
    old = login.json()["access_token"]
    stack.confidential.add(old)
    assert identity(workers_apart, parameters, old, "remote-scopes") == {"read write"}
    assert change(stack, "scope", "remove", user.email, "write")["scopes"] == ["read"]
    assert identity(workers_apart, parameters, old, "remote-scopes") == {"read"}
    change(stack, "scope", "add", user.email, "admin")
    assert identity(workers_apart, parameters, old, "remote-scopes") == {"read"}
    new = client.login(user.email, user.password).json()["access_token"]
    stack.confidential.add(new)
    assert identity(workers_apart, parameters, new, "remote-scopes") == {"read admin"}


@pytest.mark.parametrize("kind", ["group", "scope"])
def test_a_second_time_changes_nothing_and_says_so(stack, user, kind):
    first = stack.postern("user", kind, "add", user.email, "ops")
    assert first.stdout == f"{user.email}: added ops; {kind}s now: ops\n"
    again = stack.postern("user", kind, "add", user.email, "ops", "web")
    assert again.stdout == f"{user.email}: added web; already there: ops; {kind}s now: ops web\n"
    assert change(stack, kind, "add", user.email, "ops")["changed"] == []
    gone = stack.postern("user", kind, "remove", user.email, "ops", "web", "none")
    assert gone.returncode == DONE
    assert gone.stdout == f"{user.email}: removed ops web; not there: none; {kind}s now: none\n"
    assert change(stack, kind, "remove", user.email, "ops")["changed"] == []


def test_a_user_may_be_added_with_them(stack):
    password = "a password of the group test"
    stack.confidential.add(password)
    words = ["--group", "ops", "--group", "staff", "--scope", "read"]
    made = json.loads(
        stack.postern(
            "user", "add", "--email", "grouped@example.test", "--name", "G", *words, "--password-stdin", "--json",
            input=password + "\n",
        ).stdout
    )
    assert made["groups"] == ["ops", "staff"] and made["scopes"] == ["read"]
    shown = stack.postern("user", "show", "grouped@example.test").stdout
    assert any(line.split() == ["groups", "ops", "staff"] for line in shown.splitlines())


@pytest.mark.parametrize("kind", ["group", "scope"])
@pytest.mark.parametrize("name", ["", "two words", "a,b", "a/b", 'a"b', "é", "\x1b[2J", "x" * 1001])
def test_a_name_that_cannot_be_one_is_unusable_and_changes_nothing(stack, user, kind, name):
    done = stack.postern("user", kind, "add", user.email, "good", name)
    assert done.returncode == UNUSABLE and done.stderr and "\x1b" not in done.stderr
    assert json.loads(stack.postern("user", "show", user.email, "--json").stdout)[f"{kind}s"] == []


def test_an_unknown_user_is_not_found(stack):
    for words in (("group", "add"), ("scope", "remove")):
        done = stack.postern("user", *words, "nobody@example.test", "ops")
        assert done.returncode == NOT_FOUND and "nobody@example.test" in done.stderr


def test_without_mariadb_nothing_is_changed_and_it_is_named(stack, user):
    with stack.database.stopped():
        done = stack.postern("user", "group", "add", user.email, "ops")
    assert done.returncode == FAILED and "mariadb.sock" in done.stderr

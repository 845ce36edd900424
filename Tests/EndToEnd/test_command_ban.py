"""postern ban: list, add, remove, by hand and for failed logins."""

import json

import pytest

DONE, FAILED, UNUSABLE, NOT_FOUND = 0, 1, 2, 3


def ban(stack, *words):
    done = stack.postern("ban", *words, "--json")
    assert done.returncode == DONE, done.stderr
    return json.loads(done.stdout)


def of(stack, **wanted):
    return [row for row in ban(stack, "list") if all(row[name] == value for name, value in wanted.items())]


@pytest.fixture(autouse=True)
def nothing_stays_banned(stack):
    yield
    stack.database.sql("DELETE FROM bans")


def test_a_banned_user_cannot_log_in_until_it_is_removed(stack, client, new_client, user):
    assert client.login(user.email, user.password).status_code == 200
    made = ban(stack, "add", user.email, "--for", "1h", "--note", "lost laptop")
    assert made["user"] == user.id and made["note"] == "lost laptop" and made["until"] is not None
    refused = new_client().login(user.email, user.password)
    assert refused.status_code == 401  # answered like a wrong password
    [row] = of(stack, user=user.id)
    assert row["automatic"] is False and row["email"] == user.email and row["made_by"]
    assert ban(stack, "remove", user.email)["removed"] == 1
    assert new_client().login(user.email, user.password).status_code == 200
    assert of(stack, user=user.id) == []


def test_a_banned_network_cannot_log_in_and_others_can(stack, new_client, user):
    inside, outside = new_client(), new_client()
    ban(stack, "add", inside.address + "/32", "--force")
    assert inside.login(user.email, user.password).status_code == 401
    assert outside.login(user.email, user.password).status_code == 200
    assert of(stack, network=inside.address)[0]["until"] is None
    assert ban(stack, "remove", inside.address)["removed"] == 1
    assert inside.login(user.email, user.password).status_code == 200


def test_a_network_is_listed_in_its_one_form(stack):
    ban(stack, "add", "198.51.100.77/24")
    ban(stack, "add", "2001:DB8:0::1")
    assert {row["network"] for row in ban(stack, "list")} >= {"198.51.100.0/24", "2001:db8::1"}
    text = stack.postern("ban", "list").stdout
    assert text.startswith("WHO") and "for ever" in text
    assert ban(stack, "remove", "198.51.100.200/24")["removed"] == 1


def test_a_ban_that_is_over_is_shown_only_when_asked_for(stack):
    stack.database.sql(
        "INSERT INTO bans (network, note, made_by, until) VALUES ('198.51.100.9', '', 'root', '2020-01-01 00:00:00')"
    )
    assert of(stack, network="198.51.100.9") == []
    assert [row for row in ban(stack, "list", "--ended") if row["network"] == "198.51.100.9"]


def test_failed_logins_ban_a_network_and_remove_ends_it(stack, new_client, user):
    settings = '[limits]\nlogin = "1000/minute"\n[login]\nper_network = "3/hour"\npauses = []\nban = "1h"\n'
    with stack.settings.set(settings):
        client = new_client()
        for number in range(5):
            assert client.login(f"nobody{number}@example.test", "not a password").status_code == 401
        assert client.login(user.email, user.password).status_code == 401
        [row] = of(stack, network=client.address)
        assert row["automatic"] is True and row["until"] is not None
        assert client.address in stack.postern("ban", "list").stdout
        done = stack.postern("ban", "remove", client.address)
        assert done.returncode == DONE and "login.per_network" in done.stdout
        assert of(stack, network=client.address) == []
        assert client.login(user.email, user.password).status_code == 200


def test_what_is_not_banned_is_not_found(stack, user):
    for word in ("198.51.100.252", "2001:db8:9::/64", "10.0.0.0/8", user.email):
        done = stack.postern("ban", "remove", word)
        assert done.returncode == NOT_FOUND and done.stderr, word


@pytest.mark.parametrize("network", ["127.0.0.1", "127.0.0.0/8", "::1", "0.0.0.0/0", "::/0", "10.0.0.0/7", "2001::/31"])
def test_what_would_shut_out_half_of_the_world_takes_force(stack, network):
    done = stack.postern("ban", "add", network)
    assert done.returncode == FAILED and "--force" in done.stderr
    assert ban(stack, "list") == []


@pytest.mark.parametrize(
    "words",
    [
        ("ban",),
        ("ban", "add"),
        ("ban", "add", "nonsense"),
        ("ban", "add", "198.51.100.1", "--for", "soon"),
        ("ban", "add", "198.51.100.1", "--for", "0s"),
        ("ban", "remove", "10.0.0.0/40"),
    ],
)
def test_unusable_arguments_exit_with_2(stack, words):
    done = stack.postern(*words)
    assert done.returncode == UNUSABLE, done.stdout
    assert done.stderr


def test_an_unknown_user_is_not_found(stack):
    assert stack.postern("ban", "add", "nobody@example.test").returncode == NOT_FOUND


def test_a_note_cannot_steer_the_terminal(stack):
    assert stack.postern("ban", "add", "198.51.100.3", "--note", "\x1b[2Jgone").returncode == FAILED
    stack.database.sql(
        "INSERT INTO bans (network, note, made_by) VALUES ('198.51.100.3', CONCAT(CHAR(27), '[2J'), 'root')"
    )
    done = stack.postern("ban", "list")
    assert done.returncode == DONE and "\x1b" not in done.stdout and "\\u{1b}" in done.stdout


def test_without_mariadb_the_list_is_partial_and_says_so(stack):
    with stack.database.stopped():
        done = stack.postern("ban", "list")
        assert done.returncode == FAILED and "mariadb.sock" in done.stderr
        assert stack.postern("ban", "add", "198.51.100.4").returncode == FAILED

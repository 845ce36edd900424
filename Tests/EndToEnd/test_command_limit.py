"""postern limit: list, show, top, clear, on the table that the workers use."""

import json
import os
import signal
import subprocess

import pytest

import tokens
from stack import PROGRAMS
from wait import until

DONE, FAILED, UNUSABLE, NOT_FOUND = 0, 1, 2, 3


def rows(stack, *words):
    done = stack.postern("limit", *words, "--json")
    assert done.returncode == DONE, done.stderr
    return json.loads(done.stdout)


def search(client, times):
    return [client.get("/public/search?q=a").status_code for _ in range(times)]


def test_list_has_the_limits_of_the_settings_and_what_they_refused(stack, client):
    before = {row["name"]: row for row in rows(stack, "list")}
    assert before["search"]["rate"] == "5/10s" and before["search"]["per"] == "address"
    assert before["login"]["when_away"] == "closed" and before["api"]["when_away"] == "open"
    assert {"login.per_network", "login.per_user_and_network", "login.per_user_elsewhere"} <= before.keys()
    assert search(client, 7) == [200] * 5 + [429] * 2
    after = {row["name"]: row for row in rows(stack, "list")}
    assert after["search"]["refused"] - before["search"]["refused"] == 2
    assert after["search"]["keys"] >= 1 and after["search"]["full"] >= 1
    text = stack.postern("limit", "list").stdout
    assert text.startswith("LIMIT") and "search" in text


def test_list_shows_a_limit_that_the_sysadmin_named(stack):
    with stack.settings.set('[limits]\ndownloads = { rate = "100/hour; 10/minute", per = "user", dry_run = true }\n'):
        found = {row["name"]: row for row in rows(stack, "list")}["downloads"]
        assert found["dry_run"] is True and found["keys"] == 0
        assert rows(stack, "top", "--limit", "downloads") == []
    assert stack.postern("limit", "top", "--limit", "downloads").returncode == UNUSABLE


def test_show_tells_how_an_address_stands(stack, client):
    assert search(client, 6) == [200] * 5 + [429]
    [row] = rows(stack, "show", client.address)
    assert row["key"] == client.address and row["kind"] == "address" and row["limit"] == "search"
    assert (row["used"], row["of"], row["blocked"]) == (5, 5, True)
    assert 0 < row["next_place_ms"] <= 10_000
    text = stack.postern("limit", "show", client.address)
    assert text.returncode == DONE and "5 of 5 in 10s" in text.stdout
    assert "nothing is counted" in stack.postern("limit", "show", "198.51.100.250").stdout


def test_show_finds_a_user_by_id_and_by_email(stack, client, user):
    token = tokens.token_for(stack, user)
    assert [client.get("/me", token).status_code for _ in range(3)] == [200] * 3
    for word in (user.id, user.email, user.email.upper()):
        [row] = rows(stack, "show", word)
        assert row["limit"] == "api" and row["used"] == 3
        assert row["user"] == user.id and row["email"] == user.email


def test_without_mariadb_ids_stand_alone_and_the_reason_is_told(stack, client, user):
    token = tokens.token_for(stack, user)
    assert client.get("/me", token).status_code == 200
    with stack.database.stopped():
        done = stack.postern("limit", "show", user.id, "--json")
        assert done.returncode == DONE
        [row] = json.loads(done.stdout)
        assert row["user"] is None and row["key"] == user.id
        assert "mariadb.sock" in done.stderr


def test_top_shows_the_full_ones_first_and_takes_filters(stack, new_client):
    full, half = new_client(), new_client()
    search(half, 2)
    search(full, 6)
    found = rows(stack, "top", "--limit", "search", "--top", "1000")
    keys = [row["key"] for row in found]
    assert keys.index(full.address) < keys.index(half.address)
    blocked = [row["key"] for row in rows(stack, "top", "--limit", "search", "--blocked", "--top", "1000")]
    assert full.address in blocked and half.address not in blocked
    assert rows(stack, "top", "--limit", "search", "--kind", "user") == []
    assert len(rows(stack, "top", "--top", "1")) == 1


def test_clear_frees_a_key_at_once_and_another_keeps_its_counts(stack, new_client):
    one, other = new_client(), new_client()
    for client in (one, other):
        assert search(client, 6)[-1] == 429
    done = stack.postern("limit", "clear", one.address, "--limit", "search")
    assert done.returncode == DONE and one.address in done.stdout and "5 of 5" in done.stdout
    assert search(one, 1) == [200]
    assert search(other, 1) == [429]
    assert rows(stack, "clear", other.address)[0]["used"] == 5
    assert search(other, 1) == [200]


def test_clear_of_nothing_is_not_found(stack):
    done = stack.postern("limit", "clear", "198.51.100.251")
    assert done.returncode == NOT_FOUND and done.stderr


def test_clear_of_a_whole_limit(stack, client):
    assert search(client, 6)[-1] == 429
    done = stack.postern("limit", "clear", "--limit", "search")
    assert done.returncode == DONE and "cleared" in done.stdout
    assert search(client, 1) == [200]


@pytest.mark.parametrize(
    "words",
    [
        ("limit",),
        ("limit", "show"),
        ("limit", "show", "nonsense"),
        ("limit", "show", "10.0.0.0/8"),
        ("limit", "clear"),
        ("limit", "clear", "--limit", "no-such"),
        ("limit", "top", "--kind", "planet"),
        ("limit", "top", "--top", "0"),
    ],
)
def test_unusable_arguments_exit_with_2(stack, words):
    done = stack.postern(*words)
    assert done.returncode == UNUSABLE, done.stdout
    assert done.stderr


def test_top_watch_goes_on_until_it_is_interrupted(stack, client):
    search(client, 1)
    command = [PROGRAMS / "postern", "limit", "top", "--limit", "search", "--watch", "--config", stack.config]
    output = stack.run / "watch.txt"
    with output.open("w") as file:
        # Whoever runs the tests in the background may have had it ignored, and that is inherited.
        watch = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        )
        try:
            until(lambda: output.read_text().count("KEY") >= 2, 20, "two blocks of limit top --watch")
        finally:
            os.kill(watch.pid, signal.SIGINT)
            assert watch.wait(10) == -signal.SIGINT
    assert "\x1b" not in output.read_text()

"""postern token issue, list, revoke: the tokens of programs."""

import hashlib
import json
import re
import subprocess
import time
from datetime import datetime, timezone

import pytest

from stack import PROGRAMS

DONE, FAILED, UNUSABLE, NOT_FOUND = 0, 1, 2, 3
DAY = 86_400
FORM = re.compile(r"postern_[A-Za-z0-9_-]{43}\n")


@pytest.fixture
def issue(stack, user):
    """Issues a token of this test's user; what --json says of it."""

    def make(*words: str) -> dict:
        done = stack.postern("token", "issue", "--user", user.email, *words, "--json")
        assert done.returncode == DONE, done.stderr
        made = json.loads(done.stdout)
        stack.confidential.add(made["token"])
        return made

    return make


def listed(stack, *words: str) -> list[dict]:
    done = stack.postern("token", "list", *words, "--json")
    assert done.returncode == DONE, done.stderr
    return json.loads(done.stdout)


def seconds(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


def test_issue_prints_the_token_alone_and_everything_else_on_standard_error(stack, user):
    done = stack.postern("token", "issue", "--user", user.email, "--note", "nightly backup")
    assert done.returncode == DONE, done.stderr
    assert FORM.fullmatch(done.stdout)
    token = done.stdout.strip()
    stack.confidential.add(token)
    [row] = listed(stack, "--user", user.email)
    assert token not in done.stderr and f"postern token revoke {row['id']}" in done.stderr and user.email in done.stderr
    assert row["note"] == "nightly backup" and row["scopes"] == [] and row["made_by"] and row["last_used_at"] is None
    # A year, unless told otherwise.
    assert 364 * DAY < seconds(row["expires_at"]) - time.time() <= 365 * DAY


def test_only_the_hash_is_stored_and_no_list_shows_the_token(stack, user, issue):
    made = issue()
    digest = hashlib.sha256(made["token"].encode()).hexdigest()
    assert stack.database.sql(f"SELECT HEX(token_hash) FROM service_tokens WHERE id = {made['id']}") == [[digest.upper()]]
    for words in (("token", "list"), ("token", "list", "--all", "--json"), ("user", "show", user.email, "--json")):
        shown = stack.postern(*words)
        assert shown.returncode == DONE
        assert made["token"] not in shown.stdout and digest not in shown.stdout.lower()


def test_days_and_no_end(stack, issue):
    made = issue("--days", "30")
    assert 29 * DAY < seconds(made["expires_at"]) - time.time() <= 30 * DAY
    assert issue("--no-end")["expires_at"] is None
    text = stack.postern("token", "list").stdout
    assert text.startswith("ID") and "30 days left" in text and "no end" in text


def test_scopes_are_among_those_of_the_user(stack, user, issue):
    refused = stack.postern("token", "issue", "--user", user.email, "--scope", "backup")
    assert refused.returncode == FAILED and refused.stdout == ""
    assert f"postern user scope add {user.email} backup" in refused.stderr
    assert listed(stack, "--user", user.email) == []
    assert stack.postern("user", "scope", "add", user.email, "backup", "read").returncode == DONE
    made = issue("--scope", "backup", "--scope", "backup")
    assert made["scopes"] == made["scopes_in_force"] == ["backup"]
    # One that the user loses counts no more, and the list says so.
    assert stack.postern("user", "scope", "remove", user.email, "backup").returncode == DONE
    [row] = listed(stack, "--user", user.email)
    assert row["scopes"] == ["backup"] and row["scopes_in_force"] == []
    assert "(backup)" in stack.postern("token", "list", "--user", user.email).stdout


def test_revoke_ends_it_once_and_a_second_time_says_so(stack, user, issue):
    first, second, kept = issue(), issue(), issue()
    done = stack.postern("token", "revoke", str(first["id"]), str(second["id"]))
    assert done.returncode == DONE and done.stdout.count(": revoked\n") == 2
    assert [row["id"] for row in listed(stack, "--user", user.id)] == [kept["id"]]
    assert {row["id"]: row["state"] for row in listed(stack, "--user", user.id, "--all")} == {
        first["id"]: "revoked",
        second["id"]: "revoked",
        kept["id"]: "active",
    }
    again = stack.postern("token", "revoke", str(first["id"]))
    assert again.returncode == DONE and "revoked before" in again.stdout


def test_an_unknown_number_is_not_found_and_the_others_are_revoked(stack, user, issue):
    made = issue()
    done = stack.postern("token", "revoke", "4000000000", str(made["id"]))
    assert done.returncode == NOT_FOUND and "4000000000" in done.stderr
    assert listed(stack, "--user", user.email) == []


def test_an_expired_one_and_one_of_a_disabled_user_are_told(stack, user, issue):
    ended, made = issue(), issue()
    stack.database.sql(f"UPDATE service_tokens SET expires_at = NOW() - INTERVAL 1 SECOND WHERE id = {ended['id']}")
    assert stack.postern("user", "disable", user.email).returncode == DONE
    states = {row["id"]: row["state"] for row in listed(stack, "--user", user.email, "--all")}
    assert states == {ended["id"]: "expired", made["id"]: "inactive_user"}
    assert "user disabled" in stack.postern("token", "list", "--user", user.email).stdout
    refused = stack.postern("token", "issue", "--user", user.email)
    assert refused.returncode == FAILED and f"postern user enable {user.email}" in refused.stderr
    assert refused.stdout == ""


def test_user_show_counts_them_and_tells_the_next_end(stack, user, issue):
    assert "service tokens  none" in stack.postern("user", "show", user.email).stdout
    issue("--days", "90")
    made = issue("--days", "10")
    issue("--no-end")
    text = stack.postern("user", "show", user.email).stdout
    assert f"service tokens  3, the next ends {made['expires_at']}" in text
    shown = json.loads(stack.postern("user", "show", user.email, "--json").stdout)["service_tokens"]
    assert len(shown) == 3 and all("token" not in row for row in shown)


def test_token_check_tells_the_number_of_one_that_was_found(stack, user, issue, token):
    made, revoked = issue(), issue()
    assert stack.postern("token", "revoke", str(revoked["id"])).returncode == DONE
    lines = [made["token"], revoked["token"], made["token"][:-1] + ("A" if made["token"][-1] != "A" else "B"), token]
    done = stack.postern("token", "check", "--json", input="".join(line + "\n" for line in lines))
    assert done.returncode == FAILED
    good, ended, unknown, access = json.loads(done.stdout)
    assert good["valid"] is True and good["service_token"]["id"] == made["id"]
    assert good["service_token"]["email"] == user.email and access["valid"] is True
    assert ended["valid"] is False and ended["reason"] == "revoked" and ended["service_token"]["id"] == revoked["id"]
    assert unknown == {"valid": False, "reason": "unknown_service_token"}
    text = stack.postern("token", "check", input=made["token"] + "\n").stdout
    assert text.startswith("valid ") and made["token"] not in text


def test_check_warns_of_one_that_ends_soon(stack, user, issue):
    def warnings() -> list[dict]:
        findings = json.loads(stack.postern("check", "--json").stdout)["findings"]
        return [row for row in findings if row["subject"] == "tokens" and user.email in row["detail"]]

    stack.database.sql("DELETE FROM service_tokens")
    issue("--days", "30")
    assert warnings() == []
    made = issue("--days", "13", "--note", "monitoring")
    [warning] = warnings()
    assert warning["state"] == "warn" and f"{made['id']} of {user.email} (monitoring)" in warning["detail"]
    assert f"postern token revoke {made['id']}" in warning["cure"]
    assert stack.postern("token", "revoke", str(made["id"])).returncode == DONE
    assert warnings() == []


def test_status_counts_them(stack, issue):
    stack.database.sql("DELETE FROM service_tokens")

    def users() -> dict:
        return json.loads(stack.postern("status", "--json").stdout)["users"]

    assert users()["service_tokens"] == 0
    made = issue()
    assert users()["service_tokens"] == 1 and "1 service token\n" in stack.postern("status").stdout
    assert stack.postern("token", "revoke", str(made["id"])).returncode == DONE
    assert users()["service_tokens"] == 0


def test_they_go_with_their_user(stack, user, issue):
    made = issue()
    stack.database.sql(f"DELETE FROM users WHERE id = '{user.id}'")
    assert made["id"] not in [row["id"] for row in listed(stack, "--all")]


def test_a_token_that_could_not_be_printed_is_revoked(stack, user):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [PROGRAMS / "postern", "token", "issue", "--user", user.email, "--config", str(stack.config)],
            stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
        )
    assert done.returncode == FAILED and done.stderr
    assert [row["state"] for row in listed(stack, "--user", user.email, "--all")] == ["revoked"]


def test_a_token_that_is_an_argument_by_mistake_is_not_repeated(stack, issue):
    made = issue()
    done = stack.postern("token", "revoke", made["token"])
    assert done.returncode == UNUSABLE
    assert made["token"] not in done.stdout + done.stderr
    assert stack.postern("token", "revoke", str(made["id"])).returncode == DONE


@pytest.mark.parametrize(
    "words",
    [
        ("token",),
        ("token", "issue"),
        ("token", "issue", "--user", "no-at"),
        ("token", "issue", "--user", "a@example.test", "--days", "0"),
        ("token", "issue", "--user", "a@example.test", "--days", "7", "--no-end"),
        ("token", "revoke"),
        ("token", "revoke", "-7"),
    ],
)
def test_unusable_arguments_exit_with_2(stack, words):
    done = stack.postern(*words)
    assert done.returncode == UNUSABLE, done.stdout
    assert done.stderr


def test_a_note_cannot_steer_the_terminal(stack, user, issue):
    refused = stack.postern("token", "issue", "--user", user.email, "--note", "\x1b[2Jgone")
    assert refused.returncode == UNUSABLE and "\x1b" not in refused.stderr and refused.stdout == ""
    made = issue()
    stack.database.sql(f"UPDATE service_tokens SET note = CONCAT(CHAR(27), '[2J') WHERE id = {made['id']}")
    text = stack.postern("token", "list").stdout
    assert "\x1b" not in text and "\\u{1b}" in text


def test_an_unknown_user_is_not_found(stack):
    for words in (("issue", "--user", "nobody@example.test"), ("list", "--user", "nobody@example.test")):
        done = stack.postern("token", *words)
        assert done.returncode == NOT_FOUND and "nobody@example.test" in done.stderr


def test_without_mariadb_it_fails_and_names_it(stack, user):
    with stack.database.stopped():
        for words in (("list",), ("issue", "--user", user.email), ("revoke", "1")):
            done = stack.postern("token", *words)
            assert done.returncode == FAILED and "mariadb.sock" in done.stderr and done.stdout == ""


def test_before_the_migration_the_command_says_what_to_run_and_the_rest_goes_on(stack, user, issue):
    made = issue()
    stack.database.sql("RENAME TABLE service_tokens TO service_tokens_away")
    stack.database.sql("UPDATE schema_migrations SET number = number + 100 WHERE number = 3")
    try:
        for words in (("list",), ("issue", "--user", user.email), ("revoke", str(made["id"]))):
            done = stack.postern("token", *words)
            assert done.returncode == FAILED and "postern database migrate" in done.stderr and done.stdout == ""
        shown = stack.postern("user", "show", user.email)
        assert shown.returncode == DONE and "postern database migrate" in shown.stdout
        assert json.loads(stack.postern("user", "show", user.email, "--json").stdout)["service_tokens"] is None
    finally:
        stack.database.sql("RENAME TABLE service_tokens_away TO service_tokens")
        stack.database.sql("UPDATE schema_migrations SET number = number - 100 WHERE number = 103")
    assert [row["id"] for row in listed(stack, "--user", user.email)] == [made["id"]]

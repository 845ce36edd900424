"""postern user: add, list, show, password, enable, disable."""

import json

import pytest

DONE, FAILED, UNUSABLE, NOT_FOUND = 0, 1, 2, 3


def as_json(done):
    assert done.returncode == DONE, done.stderr
    return json.loads(done.stdout)


def test_add_prints_what_it_made_as_json(stack, client):
    password = "a password of the command test"
    stack.confidential.add(password)
    made = as_json(
        stack.postern(
            "user",
            "add",
            "--email",
            "Json.Add@Example.test",
            "--name",
            "Jason",
            "--password-stdin",
            "--json",
            input=password + "\n",
        )
    )
    assert made["email"] == "json.add@example.test"
    assert password not in json.dumps(made)
    assert client.login("json.add@example.test", password).status_code == 200


def test_generate_makes_a_password_that_logs_in(stack, client):
    made = as_json(
        stack.postern("user", "add", "--email", "generated@example.test", "--name", "G", "--generate", "--json")
    )
    stack.confidential.add(made["password"])
    assert len(made["password"]) >= 15
    assert client.login("generated@example.test", made["password"]).status_code == 200


def test_show_and_list_know_the_user_and_not_the_hash(stack, user):
    shown = as_json(stack.postern("user", "show", user.email, "--json"))
    assert shown["email"] == user.email and shown["id"] == user.id and shown["name"] == user.name
    listed = stack.postern("user", "list", "--json")
    assert user.id in [entry["id"] for entry in as_json(listed)]
    assert "$2b$" not in listed.stdout + json.dumps(shown)
    table = stack.postern("user", "list")
    assert table.returncode == DONE
    assert any(user.email in line and user.name in line for line in table.stdout.splitlines())


def test_show_takes_the_id_as_well(stack, user):
    assert as_json(stack.postern("user", "show", user.id, "--json"))["email"] == user.email


@pytest.mark.parametrize("word", ["show", "disable", "enable"])
def test_an_unknown_user_is_not_found(stack, word):
    done = stack.postern("user", word, "nobody@example.test")
    assert done.returncode == NOT_FOUND
    assert "nobody@example.test" in done.stderr


def test_a_password_for_an_unknown_user_is_not_found(stack):
    done = stack.postern(
        "user", "password", "nobody@example.test", "--password-stdin", input="long enough to be a password\n"
    )
    assert done.returncode == NOT_FOUND


def test_an_email_is_added_once(stack, user):
    done = stack.postern(
        "user",
        "add",
        "--email",
        user.email.upper(),
        "--name",
        "Again",
        "--password-stdin",
        input="long enough to be a password\n",
    )
    assert done.returncode == FAILED
    assert user.email in done.stderr.lower()


@pytest.mark.parametrize(
    "password, word", [("too short", "15"), ("x" * 73, "72"), ("a NUL\0 in the password", "NUL"), ("", "")]
)
def test_a_password_against_the_rules_is_refused_with_the_rule(stack, password, word):
    done = stack.postern(
        "user", "add", "--email", "refused@example.test", "--name", "R", "--password-stdin", input=password + "\n"
    )
    assert done.returncode in (FAILED, UNUSABLE)
    assert word.lower() in done.stderr.lower()
    assert not password or password not in done.stderr
    assert stack.database.sql("SELECT id FROM users WHERE email = 'refused@example.test'") == []


def test_a_common_password_is_refused_and_the_length_is_a_setting(stack):
    with stack.settings.set("[passwords]\nmin_length = 8\n"):
        words = ("user", "add", "--name", "C", "--password-stdin", "--email")
        common = stack.postern(*words, "common@example.test", input="password1\n")
        assert common.returncode == FAILED and "common" in common.stderr
        stack.confidential.add("plinth-otter")
        assert stack.postern(*words, "common@example.test", input="plinth-otter\n").returncode == DONE


@pytest.mark.parametrize(
    "email",
    [
        "",
        "no-at",
        "two@@example.test",
        " blank@example.test",
        "line\nbreak@example.test",
        "@example.test",
        "nobody@",
        "x" * 250 + "@example.test",
    ],
)
def test_a_malformed_email_is_refused(stack, email):
    done = stack.postern(
        "user", "add", "--email", email, "--name", "R", "--password-stdin", input="long enough to be a password\n"
    )
    assert done.returncode in (FAILED, UNUSABLE)


@pytest.mark.parametrize(
    "words",
    [
        ("user",),
        ("user", "add"),
        ("user", "dance"),
        ("dance",),
        ("user", "list", "--dance"),
        ("user", "add", "--email", "a@example.test", "--password", "in the arguments"),
    ],
)
def test_unusable_arguments_exit_with_2(stack, words):
    done = stack.postern(*words, with_config=len(words) > 1)
    assert done.returncode == UNUSABLE
    assert done.stderr


def test_disable_and_enable_may_be_repeated_and_show_the_state(stack, user):
    for word, active in (("disable", False), ("disable", False), ("enable", True), ("enable", True)):
        assert stack.postern("user", word, user.email).returncode == DONE
        assert as_json(stack.postern("user", "show", user.email, "--json"))["active"] is active


def test_settings_that_cannot_be_read_are_named(stack, tmp_path):
    done = stack.postern("user", "list", config=tmp_path / "missing.toml")
    assert done.returncode == FAILED
    assert str(tmp_path / "missing.toml") in done.stderr


def test_a_database_that_is_away_is_named(stack):
    with stack.database.stopped():
        done = stack.postern("user", "list")
    assert done.returncode == FAILED
    assert "mariadb.sock" in done.stderr

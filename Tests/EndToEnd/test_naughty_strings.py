"""The Big List of Naughty Strings and control characters as e-mail, password, query and header."""

import json
from pathlib import Path

import pytest

import contract
from problems import problem

STRINGS = json.loads((Path(__file__).parent / "data" / "blns.json").read_text())
CONTROLS = [chr(code) for code in [*range(32), 127, 0x85, 0x2028, 0xFEFF]]


def in_turn(new_client, texts):
    """Each text with a client that is below every limit."""
    for number, text in enumerate(texts):
        if number % 15 == 0:
            client = new_client()
        yield client, text


def assert_refused(response, text: str) -> None:
    # 400: no e-mail or no password at all; 401: one that nobody has.
    assert response.status_code in (400, 401), (text, response.status_code, response.text)
    problem(response, response.status_code)


def test_each_as_email_and_password_in_json(new_client):
    for client, text in in_turn(new_client, STRINGS):
        assert_refused(client.post("/login", json={"email": text, "password": text}), text)


def test_each_as_email_and_password_in_a_form(new_client):
    for client, text in in_turn(new_client, STRINGS):
        assert_refused(client.post("/login", data={"email": text, "password": text}), text)


@pytest.mark.usefixtures("free_guesses")  # so that every one of them reaches the hash
def test_a_tenth_of_them_as_the_password_of_a_user(new_client, user):
    for client, text in in_turn(new_client, STRINGS[::10]):
        response = client.login(user.email, text)
        problem(response, 401 if text else 400)


def test_a_tenth_of_them_inside_an_email(new_client):
    for client, text in in_turn(new_client, STRINGS[::10]):
        assert_refused(client.login(text + "@example.test", "not a password"), text)


@pytest.mark.parametrize("text", CONTROLS, ids=[f"U+{ord(text):04X}" for text in CONTROLS])
def test_a_control_character_in_email_or_password_opens_nothing(client, user, text):
    assert_refused(client.login(user.email + text, user.password), text)
    assert_refused(client.login(text + user.email, user.password), text)
    response = client.login(user.email, user.password + text)
    problem(response, 401)


@pytest.mark.usefixtures("no_pauses")
def test_what_stands_behind_a_nul_is_not_cut_off(client, user):
    problem(client.login(user.email, user.password + "\0"), 401)
    problem(client.login(user.email, user.password + "\0x"), 401)
    assert_refused(client.login(user.email + "\0.example", user.password), "NUL")
    assert client.login(user.email, user.password).status_code == 200


def test_each_as_a_search(new_client):
    for number, text in enumerate(STRINGS):
        if number % 5 == 0:
            client = new_client()
        response = client.get("/public/search", params={"q": text})
        assert response.status_code in (200, 400), (text, response.status_code, response.text)
        assert response.headers["Content-Type"].split(";")[0] in ("application/json", "application/problem+json")


def test_a_line_break_in_an_email_does_not_make_a_line_in_the_log(stack, client):
    mark = stack.journal.mark()
    client.login("a\r\nlogin.ok user=forged\x1b[31m@example.test", "not a password")
    client.get("/photos/a%0D%0Alogin.ok%20user=forged%1B[31m")
    stack.journal.of_trace(contract.REQUEST_REFUSED, client.get("/photos/last").headers["X-Request-Id"])
    text = stack.journal.text(mark)
    assert not [line for line in text.splitlines() if line.startswith("login.ok user=forged")]
    assert "\x1b" not in text

"""POST /login: what goes in, what comes out."""

import json
import subprocess

import pytest


def assert_token_answer(response, stack) -> str:
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].split(";")[0] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    assert set(body) == {"access_token", "token_type", "expires_in"}
    assert body["token_type"].lower() == "bearer"
    assert body["expires_in"] == 1800
    stack.confidential.add(body["access_token"])
    return body["access_token"]


def assert_me(response, user) -> None:
    assert response.status_code == 200, response.text
    assert response.json() == {"client_id": user.id, "email": user.email, "client_name": user.name}


def test_a_json_login_gives_a_token_that_opens_me(stack, client, user):
    token = assert_token_answer(client.login(user.email, user.password), stack)
    assert_me(client.get("/me", token), user)


def test_a_form_login_gives_a_token_that_opens_me(stack, client, user):
    response = client.post("/login", data={"email": user.email, "password": user.password})
    assert_me(client.get("/me", assert_token_answer(response, stack)), user)


def test_curl_logs_in_and_reads_me(stack, client, user):
    def curl(*words: str, input: str = "") -> dict:
        done = subprocess.run(
            ["curl", "-sS", "-q", "--fail-with-body", "--cacert", stack.site.ca, "--interface", client.address, *words],
            input=input,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    form = f"email={user.email}&password={user.password}"
    token = curl("--data", "@-", stack.site.url + "/login", input=form)["access_token"]
    stack.confidential.add(token)
    assert curl("-H", f"Authorization: Bearer {token}", stack.site.url + "/me")["email"] == user.email


def test_ascii_capitals_in_an_email_make_no_difference(client, user):
    assert client.login(user.email.upper(), user.password).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        str.lower,
        lambda text: text + " ",
        lambda text: " " + text,
        lambda text: text[:-1],
        lambda text: text + "\n",
    ],
)
def test_a_password_is_compared_as_it_was_sent(client, new_user, change):
    user = new_user(password="Correct horse Battery staple")
    assert client.login(user.email, change(user.password)).status_code == 401


@pytest.mark.usefixtures("no_pauses")
def test_a_password_of_72_bytes_is_compared_to_its_last_byte_and_no_further(client, new_user):
    user = new_user(password="p" * 71 + "q")
    assert client.login(user.email, user.password).status_code == 200
    assert client.login(user.email, "p" * 72).status_code == 401
    assert client.login(user.email, user.password + "x").status_code == 401


def test_a_password_of_any_script_logs_in_by_json_and_by_form(client, new_user):
    user = new_user(password="пароль-из-слов-東京-🔑")
    assert client.login(user.email, user.password).status_code == 200
    assert client.post("/login", data={"email": user.email, "password": user.password}).status_code == 200


def test_a_password_in_the_query_is_not_read(stack, client, user):
    stack.confidential.discard(user.password)  # nginx's access log has it: the client put it into the address
    response = client.post("/login", params={"email": user.email, "password": user.password})
    assert response.status_code in (400, 415)
    assert "access_token" not in response.text


def test_a_hash_of_a_lower_cost_is_replaced_at_the_next_good_login(stack, client, user):
    def stored() -> str:
        [[value]] = stack.database.sql(f"SELECT password_hash FROM users WHERE id = '{user.id}'")
        return value

    before = stored()
    assert before.startswith("$2b$10$")
    with stack.settings.set("[passwords]\nbcrypt_cost = 11\n[login]\npauses = []\n"):
        assert client.login(user.email, "not the password").status_code == 401
        assert stored() == before
        assert client.login(user.email, user.password).status_code == 200
        assert stored().startswith("$2b$11$")
        assert client.login(user.email, user.password).status_code == 200

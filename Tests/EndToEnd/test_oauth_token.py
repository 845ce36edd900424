"""POST /token: the password grant of RFC 6749, with its own error shape."""

import pytest


def test_the_password_grant_gives_a_token_that_opens_me(stack, client, user):
    response = client.grant(user.email, user.password)
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    stack.confidential.add(body["access_token"])
    assert body["token_type"].lower() == "bearer"
    assert body["expires_in"] == 1800
    assert client.get("/me", body["access_token"]).json()["client_id"] == user.id


@pytest.mark.parametrize(
    "form, error",
    [
        ("grant_type=client_credentials", "unsupported_grant_type"),
        ("grant_type=refresh_token&refresh_token=x", "unsupported_grant_type"),
        ("username=a%40example.test&password=x", "invalid_request"),
        ("grant_type=password&username=a%40example.test", "invalid_request"),
        ("grant_type=password&password=x", "invalid_request"),
        ("grant_type=password&username=a%40example.test&password=x&password=y", "invalid_request"),
        ("grant_type=password&grant_type=password&username=a%40example.test&password=x", "invalid_request"),
        ("grant_type=password&username=nobody%40example.test&password=not%20the%20password", "invalid_grant"),
        ("", "invalid_request"),
    ],
)
def test_each_error_has_the_shape_of_rfc_6749(client, form, error):
    response = client.post("/token", data=form, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert response.status_code == 400, response.text
    assert response.headers["Content-Type"].split(";")[0] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    assert body["error"] == error
    assert set(body) <= {"error", "error_description", "error_uri"}
    assert all(" " <= character <= "~" and character not in '"\\' for character in body.get("error_description", ""))


def test_a_wrong_password_and_an_unknown_email_are_the_same_invalid_grant(new_client, user):
    wrong = new_client().grant(user.email, "not the password of this user")
    unknown = new_client().grant("nobody@example.test", "not the password of this user")
    assert wrong.status_code == unknown.status_code == 400
    assert wrong.json() == unknown.json()
    assert wrong.json()["error"] == "invalid_grant"


def test_a_parameter_that_nobody_knows_is_ignored(stack, client, user):
    form = {
        "grant_type": "password",
        "username": user.email,
        "password": user.password,
        "client_secret": "",
        "scope": "",
        "something": "else",
    }
    response = client.post("/token", data=form)
    assert response.status_code == 200, response.text
    stack.confidential.add(response.json()["access_token"])

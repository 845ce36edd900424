"""The Authorization header as RFC 6750 and RFC 9110 have it."""

import re

import pytest

from problems import problem


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEARER"])
@pytest.mark.parametrize("blanks", [" ", "   "])
def test_the_scheme_is_taken_in_any_case(client, token, scheme, blanks):
    assert client.get("/me", headers={"Authorization": scheme + blanks + token}).status_code == 200


REFUSED = {
    "a tab": "Bearer\t{token}",
    "two tokens": "Bearer {token} {token}",
    "a comma": "Bearer {token}, Bearer {token}",
    "a parameter": "Bearer {token} realm=x",
    "quotes": 'Bearer "{token}"',
    "no token": "Bearer",
    "an empty token": "Bearer ",
    "no scheme": "{token}",
    "no blank": "Bearer{token}",
    "a high byte": "Bearer {token}\xff",
}


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED.keys())
def test_any_other_form_is_refused(client, token, value):
    with client.connection() as connection:
        answer = connection.ask("GET /me HTTP/1.1\nHost: 127.0.0.1\nAuthorization: " + value.replace("{token}", token))
    assert answer.status in (400, 401)  # RFC 6750 section 3.1 has both: invalid_request and invalid_token
    if answer.status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("scheme", ["Basic cm9vdDpyb290", "Digest username=x", "Negotiate abcd"])
def test_another_scheme_is_no_bearer_token(client, scheme):
    response = client.get("/me", headers={"Authorization": scheme})
    problem(response, 401)
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")


def parameters(challenge: str) -> dict[str, str]:
    scheme, _, rest = challenge.partition(" ")
    assert scheme == "Bearer"
    found = re.findall(r'([a-z_]+)="([^"\\]*)"', rest)
    assert ", ".join(f'{name}="{value}"' for name, value in found) == rest
    assert len({name for name, _ in found}) == len(found)
    return dict(found)


def test_without_a_credential_the_challenge_names_the_realm_and_no_error(client):
    response = client.get("/me")
    problem(response, 401)
    challenge = parameters(response.headers["WWW-Authenticate"])
    assert challenge["realm"]
    assert set(challenge) == {"realm"}


def test_with_a_bad_token_the_challenge_says_invalid_token_and_nothing_of_the_token(client):
    response = client.get("/me", "bad.token.here")
    problem(response, 401)
    challenge = parameters(response.headers["WWW-Authenticate"])
    assert challenge["realm"]
    assert challenge["error"] == "invalid_token"
    assert challenge["error_description"]
    assert "bad.token" not in response.headers["WWW-Authenticate"] + response.text


def test_a_token_in_the_query_or_in_the_body_is_not_read(stack, client, token):
    stack.confidential.discard(token)  # nginx's access log has it: the client put it into the address
    assert client.get("/me", params={"access_token": token}).status_code == 401
    assert client.get("/me", data={"access_token": token}).status_code == 401


def test_the_realm_is_a_setting(stack, client):
    with stack.settings.set('[tokens]\nrealm_name = "shop"\n'):
        assert 'realm="shop"' in client.get("/me").headers["WWW-Authenticate"]

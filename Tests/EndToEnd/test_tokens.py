"""Tokens between Postern and PyJWT, both ways."""

import time

import jwt

import tokens

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_pyjwt_verifies_a_token_of_a_login(stack, client, user):
    before = int(time.time())
    token = client.login(user.email, user.password).json()["access_token"]
    stack.confidential.add(token)
    decoded = jwt.decode_complete(
        token,
        stack.key,
        algorithms=["HS256"],
        issuer=stack.issuer,
        audience=stack.issuer,
        options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
    )
    assert decoded["header"] == {"alg": "HS256", "typ": "at+jwt", "kid": tokens.thumbprint(stack.key)}
    payload = decoded["payload"]
    assert payload["client_id"] == payload["sub"] == user.id
    assert payload["email"] == user.email
    assert payload["ver"] == 1
    assert isinstance(payload["scope"], str)
    assert payload["exp"] - payload["iat"] == 1800
    assert before <= payload["iat"] <= int(time.time())
    assert len(token) < 600


def test_two_logins_give_two_tokens(stack, client, user):
    logins = [client.login(user.email, user.password).json()["access_token"] for _ in range(2)]
    stack.confidential.update(logins)
    first, second = (jwt.decode(token, options={"verify_signature": False})["jti"] for token in logins)
    assert first != second


def test_a_token_of_pyjwt_is_accepted(stack, client, user):
    assert client.get("/me", tokens.token_for(stack, user)).json()["client_id"] == user.id


def test_a_token_of_pyjwt_may_name_its_key_its_type_in_full_and_a_list_of_audiences(stack, client, user):
    header = {"typ": "application/AT+JWT", "kid": tokens.thumbprint(stack.key)}
    token = tokens.sign(stack, tokens.claims(stack, user, aud=["https://other.example", stack.issuer]), header)
    assert client.get("/me", token).status_code == 200


def test_a_token_with_any_one_character_changed_is_refused(stack, new_client, user):
    token = tokens.token_for(stack, user)
    assert new_client().get("/me", token).status_code == 200
    accepted = []
    for start in range(0, len(token), 15):  # an address may be refused 20 times a minute
        client = new_client()
        for at in range(start, min(start + 15, len(token))):
            # The neighbour in the alphabet differs in the last bit, which at a segment's end is a stray one.
            other = ALPHABET[ALPHABET.index(token[at]) ^ 1] if token[at] != "." else "A"
            status = client.get("/me", token[:at] + other + token[at + 1 :]).status_code
            if status != 401:
                accepted.append((at, status))
    assert accepted == []
    assert new_client().get("/me", token).status_code == 200

"""Tokens that must not be accepted; the client learns that, the log learns why."""

import hashlib
import hmac
import json
import time

import jwt
import pytest

import contract
import tokens
from problems import problem, without_trace

HOUR = 3600


def refusal(stack, client, token: str) -> tuple[dict, str]:
    """The body of the 401 and the reason in the log."""
    response = client.get("/me", token)
    body = problem(response, 401)
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    return without_trace(body), stack.journal.of_trace(contract.REQUEST_REFUSED, body["trace"])["reason"]


@pytest.mark.parametrize(
    "reason, changes",
    [
        (contract.EXPIRED, lambda: {"iat": int(time.time()) - 2 * HOUR, "exp": int(time.time()) - HOUR}),
        (contract.NOT_YET_VALID, lambda: {"nbf": int(time.time()) + HOUR, "exp": int(time.time()) + 2 * HOUR}),
        (contract.WRONG_ISSUER, lambda: {"iss": "https://elsewhere.example"}),
        (contract.WRONG_AUDIENCE, lambda: {"aud": "https://elsewhere.example"}),
        (contract.WRONG_EMAIL, lambda: {"email": "somebody.else@example.test"}),
    ],
)
def test_a_claim_that_does_not_hold_is_refused_with_its_own_reason(stack, client, user, reason, changes):
    assert refusal(stack, client, tokens.token_for(stack, user, **changes()))[1] == reason


def test_the_email_of_another_user_is_refused(stack, client, user, new_user):
    token = tokens.token_for(stack, user, email=new_user().email)
    assert refusal(stack, client, token)[1] == contract.WRONG_EMAIL


def test_a_token_from_before_the_version_was_raised_is_refused(stack, client, user):
    stack.database.sql(f"UPDATE users SET token_version = 2 WHERE id = '{user.id}'")
    assert refusal(stack, client, tokens.token_for(stack, user, ver=1))[1] == contract.OLD_TOKEN_VERSION
    assert client.get("/me", tokens.token_for(stack, user, ver=2)).status_code == 200


def test_a_user_who_does_not_exist_is_refused(stack, client, user):
    stranger = "3f0e9b52-7c40-4a53-9be4-5a3ddf2f6a11"
    token = tokens.token_for(stack, user, client_id=stranger, sub=stranger)
    assert refusal(stack, client, token)[1] == contract.UNKNOWN_USER


def test_all_refusals_look_the_same_from_outside(stack, client, user):
    now = int(time.time())
    bodies = [
        refusal(stack, client, token)[0]
        for token in (
            tokens.token_for(stack, user, iat=now - 2 * HOUR, exp=now - HOUR),
            tokens.token_for(stack, user, iss="https://elsewhere.example"),
            tokens.sign(stack, tokens.claims(stack, user), key=b"x" * 32),
            "not-a-token",
        )
    ]
    assert all(body == bodies[0] for body in bodies)


def unsigned(stack, user, algorithm: str, signature: str = "") -> str:
    header = json.dumps({"alg": algorithm, "typ": "at+jwt"}).encode()
    payload = json.dumps(tokens.claims(stack, user)).encode()
    return f"{tokens.base64url(header)}.{tokens.base64url(payload)}.{signature}"


def signed_text(stack, header: str, payload: str) -> str:
    """A token with a right signature over any text."""
    head = f"{tokens.base64url(header.encode())}.{tokens.base64url(payload.encode())}"
    mac = jwt.get_algorithm_by_name("HS256").sign(head.encode(), stack.key)
    return f"{head}.{tokens.base64url(mac)}"


HEADER = '{"alg":"HS256","typ":"at+jwt"}'

FORGERIES = {
    "no algorithm": lambda s, u: unsigned(s, u, "none"),
    "no algorithm in capitals": lambda s, u: unsigned(s, u, "NONE"),
    "no algorithm but a signature": lambda s, u: unsigned(s, u, "none", "AAAA"),
    "algorithm in lower case": lambda s, u: unsigned(s, u, "hs256", "A" * 43),
    "no signature": lambda s, u: unsigned(s, u, "HS256"),
    "another algorithm": lambda s, u: jwt.encode(tokens.claims(s, u), s.key, algorithm="HS512", headers=tokens.AT_JWT),
    "another key": lambda s, u: tokens.sign(s, tokens.claims(s, u), key=b"k" * 48),
    "an empty key": lambda s, u: signed_with_empty_key(s, u),
    "an ordinary type": lambda s, u: tokens.sign(s, tokens.claims(s, u), {"typ": "JWT"}),
    "no type": lambda s, u: tokens.sign(s, tokens.claims(s, u), {"typ": None}),
    "an unknown key id": lambda s, u: tokens.sign(s, tokens.claims(s, u), tokens.AT_JWT | {"kid": "nobody"}),
    "a path as key id": lambda s, u: tokens.sign(s, tokens.claims(s, u), tokens.AT_JWT | {"kid": "../../dev/null"}),
    "an embedded key": lambda s, u: tokens.sign(
        s, tokens.claims(s, u), tokens.AT_JWT | {"jwk": {"kty": "oct", "k": tokens.base64url(b"j" * 32)}}, key=b"j" * 32
    ),
    "a key from elsewhere": lambda s, u: tokens.sign(
        s, tokens.claims(s, u), tokens.AT_JWT | {"jku": "https://elsewhere.example/keys"}, key=b"j" * 32
    ),
    "an unknown critical header": lambda s, u: tokens.sign(
        s, tokens.claims(s, u), tokens.AT_JWT | {"crit": ["exp2"], "exp2": 1}
    ),
    "an empty critical list": lambda s, u: tokens.sign(s, tokens.claims(s, u), tokens.AT_JWT | {"crit": []}),
    "padding": lambda s, u: tokens.token_for(s, u) + "=",
    "a fourth segment": lambda s, u: tokens.token_for(s, u) + ".AAAA",
    "a repeated claim": lambda s, u: signed_text(
        s, HEADER, json.dumps(tokens.claims(s, u))[:-1] + f', "client_id": "{u.id}"}}'
    ),
    "a repeated header": lambda s, u: signed_text(
        s, '{"alg":"HS256","alg":"HS256","typ":"at+jwt"}', json.dumps(tokens.claims(s, u))
    ),
    "text for a time": lambda s, u: signed_text(s, HEADER, json.dumps(tokens.claims(s, u) | {"exp": "9999999999"})),
    "an absurd time": lambda s, u: signed_text(s, HEADER, json.dumps(tokens.claims(s, u) | {"exp": 10**300})),
    "no end": lambda s, u: tokens.token_for(s, u, exp=None),
    "no issuer": lambda s, u: tokens.token_for(s, u, iss=None),
    "no audience": lambda s, u: tokens.token_for(s, u, aud=None),
    "no user": lambda s, u: tokens.token_for(s, u, client_id=None),
    "more than 4 KiB": lambda s, u: tokens.token_for(s, u, scope="x" * 4096),
    "claims that are a list": lambda s, u: signed_text(s, HEADER, "[]"),
}


def signed_with_empty_key(stack, user) -> str:
    head = ".".join(unsigned(stack, user, "HS256").split(".")[:2])
    return f"{head}.{tokens.base64url(hmac.digest(b'', head.encode(), hashlib.sha256))}"


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_or_malformed_token_is_refused_and_the_good_one_stays_good(stack, client, user, forgery):
    reason = refusal(stack, client, forgery(stack, user))[1]
    assert reason.replace("_", "").isalnum() and reason == reason.lower()
    assert client.get("/me", tokens.token_for(stack, user)).status_code == 200

"""Who does not know the peer secret gets 403 before anything else."""

import pytest


@pytest.mark.parametrize("secret", ["", "wrong", "{secret}x", "{short}"])
def test_a_wrong_secret_is_403(stack, direct, parameters, token, secret):
    text = secret.replace("{secret}", stack.peer_secret).replace("{short}", stack.peer_secret[:-1])
    with direct() as connection:
        for path in ("/me", "/healthz", "/photos/unknown"):
            answer = connection.ask(parameters("GET", path, POSTERN_PEER=text, HTTP_AUTHORIZATION="Bearer " + token))
            assert answer.status == 403


def test_a_missing_secret_is_403(direct, parameters, token):
    without = parameters("GET", "/me", HTTP_AUTHORIZATION="Bearer " + token)
    del without["POSTERN_PEER"]
    with direct() as connection:
        assert connection.ask(without).status == 403


def test_the_right_secret_is_served(direct, parameters, token):
    with direct() as connection:
        assert connection.ask(parameters("GET", "/me", HTTP_AUTHORIZATION="Bearer " + token)).status == 200


def test_the_secret_as_a_header_is_no_secret(stack, direct, parameters):
    forged = parameters("GET", "/healthz", HTTP_POSTERN_PEER=stack.peer_secret)
    del forged["POSTERN_PEER"]
    with direct() as connection:
        assert connection.ask(forged).status == 403

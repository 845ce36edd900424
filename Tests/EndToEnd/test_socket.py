"""The workers' socket, past nginx: every parameter that a decision needs fails closed when it is missing."""

import os
import stat

import pytest

import fastcgi


def test_the_socket_is_for_its_group_only(stack):
    mode = os.stat(stack.socket).st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) & 0o007 == 0


def status_of(connection, request) -> int:
    """0 where the worker closes without an answer."""
    try:
        return connection.ask(request).status
    except (EOFError, ConnectionResetError):
        return 0


@pytest.mark.parametrize("missing", ["POSTERN_ROLE", "REQUEST_METHOD", "DOCUMENT_URI"])
def test_a_request_without_a_needed_parameter_is_not_served(direct, parameters, token, missing):
    request = parameters("GET", "/me", HTTP_AUTHORIZATION="Bearer " + token)
    del request[missing]
    with direct() as connection:
        status = status_of(connection, request)
        assert status == 0 or status >= 400


@pytest.mark.parametrize(
    "method, path", [("GET", "/me"), ("GET", "/public/search"), ("POST", "/login"), ("GET", "/healthz")]
)
def test_a_request_of_nobody_without_an_address_is_not_served_without_limit(direct, parameters, method, path):
    request = parameters(method, path, QUERY_STRING="q=a")
    del request["REMOTE_ADDR"]
    with direct() as connection:
        assert status_of(connection, request) in (0, 400, 404)


@pytest.mark.parametrize("role", ["", "Api", "admin", "check,api"])
def test_an_unknown_role_is_not_served(direct, parameters, token, role):
    with direct() as connection:
        request = parameters("GET", "/me", POSTERN_ROLE=role, HTTP_AUTHORIZATION="Bearer " + token)
        status = status_of(connection, request)
        assert status == 0 or status >= 400


def test_requests_follow_each_other_on_a_kept_connection(direct, parameters):
    with direct() as connection:
        for _ in range(50):
            assert connection.ask(parameters("GET", "/healthz")).status == 200


def test_a_connection_that_is_not_to_be_kept_is_closed(direct, parameters):
    with direct() as connection:
        assert connection.ask(parameters("GET", "/healthz"), keep=False).status == 200
        assert connection.is_closed()


BAD = {
    "garbage": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "another version": b"\x02" + fastcgi.begin()[1:],
    "an unknown role": fastcgi.record(fastcgi.BEGIN, b"\x00\x09\x01" + bytes(5)) + fastcgi.record(fastcgi.PARAMS),
    "a question about the limits": fastcgi.record(9, fastcgi.pairs({"FCGI_MAX_CONNS": ""}) * 8, request=0),
    "lengths near 2 GiB": fastcgi.begin()
    + fastcgi.record(fastcgi.PARAMS, b"\xff\xff\xff\xff" * 2)
    + fastcgi.record(fastcgi.PARAMS),
    "a second begin record": fastcgi.begin() * 2,
    "padding on the begin record": fastcgi.record(fastcgi.BEGIN, b"\x00\x01\x01" + bytes(5), padding=8),
    "an abort": fastcgi.begin() + fastcgi.record(fastcgi.ABORT),
    "parameters cut short": fastcgi.begin()
    + fastcgi.record(fastcgi.PARAMS, b"\x0e\x03REQUEST")
    + fastcgi.record(fastcgi.PARAMS),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_what_breaks_the_rules_is_closed_unanswered(direct, data):
    with direct() as connection:
        connection.send(data)
        assert connection.is_closed()


def test_a_trusted_name_sent_twice_is_closed_unanswered(direct, parameters):
    twice = fastcgi.pairs(parameters("GET", "/healthz")) + fastcgi.pairs({"REMOTE_ADDR": "203.0.113.1"})
    with direct() as connection:
        connection.send(fastcgi.begin() + fastcgi.stream(fastcgi.PARAMS, twice) + fastcgi.record(fastcgi.STDIN))
        assert connection.is_closed()


def test_200_silent_connections_hold_nobody_up(stack, direct, parameters, client):
    silent = [direct() for _ in range(200)]
    try:
        for connection in silent[::2]:
            connection.send(fastcgi.begin())  # half of them stop in the middle of a request
        for _ in range(20):
            assert client.get("/healthz").status_code == 200
    finally:
        for connection in silent:
            connection.socket.close()

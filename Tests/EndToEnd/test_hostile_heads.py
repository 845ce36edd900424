"""Heads that nobody sends by mistake: the right status each, the workers alive after."""

import pytest


def test_64_kib_of_header_is_400(client):
    with client.connection() as connection:
        connection.send_until_refused(
            b"GET /me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: " + b"x" * 65_536 + b"\r\n\r\n", 1
        )
        assert connection.read().status == 400


def test_64_kib_of_header_in_small_lines_is_400(client):
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 1000) for number in range(64))
    with client.connection() as connection:
        connection.send_until_refused(b"GET /me HTTP/1.1\r\nHost: 127.0.0.1\r\n" + lines + b"\r\n", 1)
        assert connection.read().status == 400


def test_30_kib_of_header_is_served(client):
    with client.connection() as connection:
        lines = "".join(f"\nX-{number}: {'x' * 1000}" for number in range(28))
        assert connection.ask("GET /me HTTP/1.1\nHost: 127.0.0.1" + lines).status == 401


REFUSED_BY_NGINX = {
    "two Authorization headers": "GET /me HTTP/1.1\nHost: 127.0.0.1" + "\nAuthorization: Bearer {token}" * 2,
    "two lengths": "POST /login HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 0\nContent-Length: 0",
    "length and chunks": "POST /login HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 0\nTransfer-Encoding: chunked",
    "two hosts": "GET /me HTTP/1.1\nHost: 127.0.0.1\nHost: elsewhere.example",
    "no host": "GET /me HTTP/1.1",
    "a folded line": "GET /me HTTP/1.1\nHost: 127.0.0.1\nX-A: b\n c",
    "NUL in a value": "GET /me HTTP/1.1\nHost: 127.0.0.1\nX-A: b\0c",
    "NUL in the path": "GET /me%00 HTTP/1.1\nHost: 127.0.0.1",
}


@pytest.mark.parametrize("head", REFUSED_BY_NGINX.values(), ids=REFUSED_BY_NGINX.keys())
def test_a_malformed_head_is_400(client, token, head):
    with client.connection() as connection:
        assert connection.ask(head.replace("{token}", token)).status == 400


PATHS = {
    "/./me": 401,
    "/x/../me": 401,
    "//me": 401,
    "/me/": 404,
    "/ME": 404,
    "/me%2f": 404,
    "/me%20": 404,
    "/%6de": 401,
    "/me;x=y": 404,
    "/me?x=%00": 401,
    "/\xff\xfe": 404,
    "/login/../../etc/passwd": 400,
}


@pytest.mark.parametrize("path, status", PATHS.items())
def test_the_route_is_that_of_the_normalised_path(client, path, status):
    with client.connection() as connection:
        assert connection.ask(f"GET {path} HTTP/1.1\nHost: 127.0.0.1").status == status


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For: 203.0.113.1",
        "X-Real-IP: 203.0.113.1",
        "Forwarded: for=203.0.113.1",
        "REMOTE_ADDR: 203.0.113.1",
        "Remote-Addr: 203.0.113.1",
    ],
)
def test_no_header_of_the_client_changes_its_address(client, header):
    name, value = header.split(": ")
    statuses = [client.get("/public/search?q=a", headers={name: value}).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


@pytest.mark.parametrize(
    "header",
    [
        "Postern-Role: denied",
        "X-Postern-Peer: x",
        "Postern-Peer: x",
        "Remote-User: root",
        "Proxy: x",
        "Content-Length: 0",
    ],
)
def test_no_header_of_the_client_is_taken_for_one_of_nginx(client, user, token, header):
    name, value = header.split(": ")
    assert client.get("/me", token, headers={name: value}).json()["client_id"] == user.id

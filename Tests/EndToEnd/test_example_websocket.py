"""docs/examples/nginx/websocket.conf as shipped: the check stands before the handshake."""

import ssl

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from client import Client
from examples import example
from live import websocket
from problems import problem

CHALLENGE = ".well-known/acme-challenge/x7"


def tell_and_echo(connection) -> None:
    """Says who it is talking to, then says everything again."""
    headers = connection.request.headers
    connection.send("|".join(f"{name}={','.join(headers.get_all(name))}" for name in ("Remote-User", "Authorization")))
    for message in connection:
        connection.send(message)


@pytest.fixture(scope="module")
def handshakes():
    return []


@pytest.fixture(scope="module")
def site(stack, handshakes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    root = folder / "www"
    (root / CHALLENGE).parent.mkdir(parents=True)
    (root / CHALLENGE).write_text("proof\n")

    def talk(connection) -> None:
        handshakes.append(connection.request.path)
        tell_and_echo(connection)

    with websocket(talk) as port:
        changes = {"127.0.0.1:3000": f"127.0.0.1:{port}", "/var/www/html": str(root)}
        with example(stack, folder, "websocket.conf", changes) as site:
            yield site


def talking(site, headers: dict[str, str]):
    return connect(
        site.url.replace("https:", "wss:") + "/chat",
        ssl=ssl.create_default_context(cafile=site.ca),
        additional_headers=headers,
        proxy=None,
        open_timeout=20,
    )


def test_with_a_token_both_sides_talk_and_the_application_knows_to_whom(site, user, token):
    with talking(site, {"Authorization": f"Bearer {token}", "Remote-User": "root"}) as connection:
        assert connection.recv(timeout=20) == f"Remote-User={user.id}|Authorization="
        for message in ("a word", b"\x00bytes", "x" * 100_000):
            connection.send(message)
            assert connection.recv(timeout=20) == message


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer a.b.c"}, {"Remote-User": "root"}], ids=repr)
def test_without_one_there_is_no_upgrade_and_the_application_is_not_asked(site, handshakes, headers):
    before = len(handshakes)
    with pytest.raises(InvalidStatus) as refused:
        talking(site, headers)
    assert refused.value.response.status_code == 401
    assert refused.value.response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert len(handshakes) == before


def test_a_disabled_user_keeps_an_open_connection_and_gets_no_new_one(stack, site, user, token):
    with talking(site, {"Authorization": f"Bearer {token}"}) as connection:
        connection.recv(timeout=20)
        assert stack.postern("user", "disable", user.email).returncode == 0
        connection.send("still here")
        assert connection.recv(timeout=20) == "still here"
        with pytest.raises(InvalidStatus) as refused:
            talking(site, {"Authorization": f"Bearer {token}"})
    assert refused.value.response.status_code == 401


def test_an_ordinary_request_is_checked_too_and_certbot_is_not(site, token):
    visitor = Client(site)
    problem(visitor.get("/chat"), 401)
    assert visitor.get("/chat", token).status_code == 426  # the library's answer to what is no handshake
    assert visitor.get("/" + CHALLENGE).text == "proof\n"

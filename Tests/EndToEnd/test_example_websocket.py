"""docs/examples/nginx/websocket.conf as shipped: the check stands before the handshake."""

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from client import Client, trusting
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
    """For `async with`. Not the library's client with threads: two of them use one TLS connection at the same time."""
    return connect(
        site.url.replace("https:", "wss:") + "/chat",
        ssl=trusting(site.ca),
        additional_headers=headers,
        proxy=None,
        open_timeout=20,
    )


async def heard(connection) -> str | bytes:
    return await asyncio.wait_for(connection.recv(), 20)


async def refusal(site, headers: dict[str, str]):
    """The answer that a handshake got in place of a connection."""
    with pytest.raises(InvalidStatus) as refused:
        async with talking(site, headers):
            pass
    return refused.value.response


def test_with_a_token_both_sides_talk_and_the_application_knows_to_whom(site, user, token):
    async def talk() -> None:
        async with talking(site, {"Authorization": f"Bearer {token}", "Remote-User": "root"}) as connection:
            assert await heard(connection) == f"Remote-User={user.id}|Authorization="
            for message in ("a word", b"\x00bytes", "x" * 100_000):
                await connection.send(message)
                assert await heard(connection) == message

    asyncio.run(talk())


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer a.b.c"}, {"Remote-User": "root"}], ids=repr)
def test_without_one_there_is_no_upgrade_and_the_application_is_not_asked(site, handshakes, headers):
    before = len(handshakes)
    answer = asyncio.run(refusal(site, headers))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert len(handshakes) == before


def test_a_disabled_user_keeps_an_open_connection_and_gets_no_new_one(stack, site, user, token):
    async def talk() -> None:
        credential = {"Authorization": f"Bearer {token}"}
        async with talking(site, credential) as connection:
            await heard(connection)
            assert stack.postern("user", "disable", user.email).returncode == 0
            await connection.send("still here")
            assert await heard(connection) == "still here"
            assert (await refusal(site, credential)).status_code == 401

    asyncio.run(talk())


def test_an_ordinary_request_is_checked_too_and_certbot_is_not(site, token):
    visitor = Client(site)
    problem(visitor.get("/chat"), 401)
    assert visitor.get("/chat", token).status_code == 426  # the library's answer to what is no handshake
    assert visitor.get("/" + CHALLENGE).text == "proof\n"

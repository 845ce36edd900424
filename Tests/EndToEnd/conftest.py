"""Fixtures: the running product once for all tests; a client, users and tokens for each."""

import secrets
from collections.abc import Callable, Iterator

import pytest

import tokens
from client import Client
from fastcgi import Connection
from guesses import FREE
from stack import Stack
from users import User, add_user
from wait import until
from workers import NUMBERS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    stack = Stack()
    try:
        try:
            stack.start()
        except Exception as error:
            pytest.exit(f"the product did not start: {error}", returncode=1)  # nothing can be tested; say it once
        yield stack
    finally:
        stack.stop()


@pytest.fixture(autouse=True)
def the_workers_live_on(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test that used the product both workers are alive and answer."""
    if "stack" not in request.fixturenames:
        yield
        return
    stack = request.getfixturevalue("stack")
    before = stack.workers.pids()
    yield
    until(stack.workers.are_running, 10, "both workers to run")
    assert Client(stack.site).get("/healthz").status_code == 200
    if request.node.get_closest_marker("ends_workers") is None:
        assert stack.workers.pids() == before, "a worker ended in this test:\n" + stack.journal.text()[-2000:]


@pytest.fixture
def client(stack: Stack) -> Client:
    return Client(stack.site)


@pytest.fixture
def visitor(site) -> Client:
    """A client of the site that a test file serves: its own fixture `site`."""
    return Client(site)


@pytest.fixture
def new_client(stack: Stack) -> Callable[[], Client]:
    """Makes clients, each from an address that nobody had before."""
    return lambda: Client(stack.site)


@pytest.fixture
def new_user(stack: Stack) -> Callable[..., User]:
    return lambda **options: add_user(stack, **options)


@pytest.fixture
def user(new_user: Callable[..., User]) -> User:
    return new_user()


@pytest.fixture
def token(stack: Stack, user: User) -> str:
    return tokens.token_for(stack, user)


@pytest.fixture
def no_pauses(stack: Stack) -> Iterator[None]:
    """For tests that log in rightly after a wrong password and are not about the pause behind it."""
    with stack.settings.set("[login]\npauses = []\n"):
        yield


@pytest.fixture
def free_guesses(stack: Stack) -> Iterator[None]:
    """For tests that send many wrong passwords and are not about what that costs."""
    with stack.settings.set(FREE):
        yield


@pytest.fixture
def direct(stack: Stack) -> Callable[[], Connection]:
    """Makes connections to the workers' socket, past nginx."""
    return lambda: Connection(stack.socket)


@pytest.fixture
def workers_apart(
    stack: Stack, direct: Callable[[], Connection], parameters: Callable[..., dict[str, str]]
) -> Iterator[dict[int, Connection]]:
    """A kept connection to each worker: who accepted it answers all that comes over it."""
    connections = {}
    for number in NUMBERS:
        with stack.workers.only(number):
            connections[number] = direct()
            assert connections[number].ask(parameters("GET", "/healthz")).status == 200
    yield connections
    for connection in connections.values():
        connection.socket.close()


@pytest.fixture
def parameters(stack: Stack, client: Client) -> Callable[..., dict[str, str]]:
    """The parameters that nginx would send for a request of this test's client."""

    def make(method: str, path: str, **more: str) -> dict[str, str]:
        usual = {
            "REQUEST_METHOD": method,
            "DOCUMENT_URI": path,
            "POSTERN_ROLE": "api",
            "POSTERN_PEER": stack.peer_secret,
            "REMOTE_ADDR": client.address,
            "REQUEST_ID": secrets.token_hex(16),
            "HTTPS": "on",
            "REQUEST_SCHEME": "https",
        }
        return usual | more

    return make

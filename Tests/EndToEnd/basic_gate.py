"""HTTP Basic at the gate, for the tests of it: the settings, the protected folders, and asking for a page."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import folders
from client import Client, Site
from gate import close_kept_connections, protected
from problems import without_trace

CACHE = 1  # seconds, where a test waits for the end of what is remembered
NO_PAUSES = "[login]\npauses = []\n"


def setting(cache: str = "60s", more: str = "") -> str:
    return f'[gate]\nbasic = true\nbasic_cache = "{cache}"\n{more}'


@contextmanager
def basic_site(stack, root) -> Iterator[Site]:
    ways = {"page": "", "ops": "/scope=ops", "few": "/limit=few"}
    folders.make_root(root, [*ways, "who"])
    who = 'location /who/ { auth_request /postern/auth; add_header X-Who "$postern_user $postern_email" always; }'
    with protected(stack, root, folders.locations(ways) + who) as site:
        yield site


@contextmanager
def one_worker(stack, number: int) -> Iterator[None]:
    """All that nginx asks is answered by this worker."""
    with stack.workers.only(number):
        close_kept_connections(stack)
        yield


def get(client: Client, credential: dict[str, str], path: str = "/page/page.txt"):
    return client.get(path, headers=credential)


def message(credential: dict[str, str], path: str = "/page/page.txt") -> bytes:
    """For `at_once`."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in credential.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def checks(workers_apart, parameters, credential: dict[str, str]) -> dict[int, int]:
    """The status of a check at each worker."""
    request = parameters("GET", "/postern/auth", POSTERN_ROLE="check", HTTP_AUTHORIZATION=credential["Authorization"])
    return {number: connection.ask(request).status for number, connection in workers_apart.items()}


def visible(response) -> tuple:
    """What a client can tell one answer from another by."""
    headers = {name: value for name, value in response.headers.items() if name not in ("Date", "X-Request-Id")}
    return response.status_code, without_trace(response.json()), headers


# Fixtures, for the files that import them.


@pytest.fixture(scope="module")
def site(stack, tmp_path_factory):
    with basic_site(stack, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def new_visitor(site):
    return lambda: Client(site)


@pytest.fixture
def on(stack):
    with stack.settings.set(setting()):
        yield


@pytest.fixture
def on_without_pauses(stack):
    with stack.settings.set(setting(more=NO_PAUSES)):
        yield

"""Changes while a user's requests run through both workers: who asks after the command is back finds them in force."""

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager

import pytest

import access
import folders
import tokens
from access import basic_of
from client import Client
from gate import protected
from guesses import FREE, WIDE_ROUTE
from wait import until

THREADS = 6
ENOUGH = 60  # answers before the change, and as many behind it


@pytest.fixture(scope="module")
def site(stack, tmp_path_factory):
    ways = {"page": "", "press": "/group=press", "read": "/scope=read"}
    root = folders.make_root(tmp_path_factory.mktemp("site"), ways)
    settings = '[gate]\nbasic = true\nbasic_cache = "60s"\n' + FREE + WIDE_ROUTE
    with stack.settings.set(settings), protected(stack, root, folders.locations(ways)) as site:
        yield site


class Visits:
    """Asks for a page in threads, and notes when each request began and what came of it."""

    def __init__(self, site, path: str, credential: dict[str, str]):
        self.seen: list[tuple[float, int]] = []
        self.failures: list[str] = []
        self._site, self._path, self._credential = site, path, credential
        self._over = threading.Event()

    def _run(self) -> None:
        client = Client(self._site)
        while not self._over.is_set():
            begin = time.monotonic()
            try:
                self.seen.append((begin, client.get(self._path, headers=self._credential).status_code))
            except OSError as error:
                self.failures.append(repr(error))

    def since(self, moment: float) -> list[int]:
        return [status for begin, status in self.seen if begin > moment]

    @contextmanager
    def running(self):
        threads = [threading.Thread(target=self._run, daemon=True) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join(30)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": "Bearer " + token}


def last_token(stack, user) -> str:
    return str(access.service_tokens(stack, "--user", user.email)[-1]["id"])


def run(stack, *words: str, input: str = "") -> None:
    done = stack.postern(*words, input=input)
    assert done.returncode == 0, done.stderr


# What is changed: the path, the credential, and the sysadmin's command that ends it.
Case = tuple[str, Callable, Callable]
NEW_PASSWORD = "another password, long enough\n"
CASES: dict[str, Case] = {
    "a user is disabled, with a token": (
        "/page/page.txt",
        lambda stack, user: bearer(tokens.token_for(stack, user)),
        lambda stack, user: run(stack, "user", "disable", user.email),
    ),
    "a user is disabled, with a password": (
        "/page/page.txt",
        lambda stack, user: basic_of(user),
        lambda stack, user: run(stack, "user", "disable", user.email),
    ),
    "a password is changed": (
        "/page/page.txt",
        lambda stack, user: basic_of(user),
        lambda stack, user: run(stack, "user", "password", user.email, "--password-stdin", input=NEW_PASSWORD),
    ),
    "a service token is revoked": (
        "/page/page.txt",
        lambda stack, user: bearer(access.issue(stack, user)),
        lambda stack, user: run(stack, "token", "revoke", last_token(stack, user)),
    ),
    "a group is taken from a user with a password": (
        "/press/page.txt",
        lambda stack, user: basic_of(user),
        lambda stack, user: run(stack, "user", "group", "remove", user.email, "press"),
    ),
    "a scope is taken from a user with a token": (
        "/read/page.txt",
        lambda stack, user: bearer(tokens.token_for(stack, user, scope="read")),
        lambda stack, user: run(stack, "user", "scope", "remove", user.email, "read"),
    ),
    "a scope is taken from a user with a service token": (
        "/read/page.txt",
        lambda stack, user: bearer(access.issue(stack, user, "--scope", "read")),
        lambda stack, user: run(stack, "user", "scope", "remove", user.email, "read"),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_nobody_passes_after_the_command_is_back(stack, site, user, case):
    path, credential, change = case
    access.change(stack, user, "group", "add", "press")
    access.change(stack, user, "scope", "add", "read")
    visits = Visits(site, path, credential(stack, user))
    with visits.running():
        until(lambda: len(visits.seen) >= ENOUGH, 30, f"{ENOUGH} answers")
        before = list(visits.seen)
        change(stack, user)
        changed = time.monotonic()
        until(lambda: len(visits.since(changed)) >= ENOUGH, 30, f"{ENOUGH} answers after the change")
    assert not visits.failures
    assert {status for _, status in before} == {200}
    assert set(visits.since(changed)) <= {401, 403} and visits.since(changed)

"""GET and POST lose nothing while workers close kept connections and restart."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import contract
from client import Client
from load import Load
from wait import until


@pytest.fixture
def load(stack):
    """Four GET and four POST clients; each has a session of its own."""
    mine = threading.local()

    def client() -> Client:
        if not hasattr(mine, "client"):
            mine.client = Client(stack.site)
        return mine.client

    with (
        Load(lambda: client().get("/healthz").status_code, 4).running() as gets,
        Load(lambda: client().post("/photos/unknown", data=b"x" * 500).status_code, 4).running() as posts,
    ):
        yield gets, posts


def assert_nothing_lost(load) -> None:
    gets, posts = load
    counts = len(gets.answers), len(posts.answers)
    until(lambda: len(gets.answers) > counts[0] + 40 and len(posts.answers) > counts[1] + 40, 30, "the load to go on")
    assert gets.failures == posts.failures == []
    assert set(gets.answers) == {200}
    assert set(posts.answers) == {404}


@pytest.mark.ends_workers
def test_nothing_is_lost_while_workers_are_ended_in_turn(stack, load):
    for number in (1, 2, 1, 2):
        stack.workers.end(number, signal.SIGTERM)
    assert_nothing_lost(load)


@pytest.mark.ends_workers
def test_nothing_is_lost_while_both_workers_end_at_once(stack, load):
    mark = stack.journal.mark()
    ended = {number: stack.workers.send(number, signal.SIGTERM) for number in (1, 2)}
    for number, pid in ended.items():
        stack.workers.wait_for_successor(number, pid, mark)
    assert_nothing_lost(load)


def test_nothing_is_lost_while_settings_are_reloaded(stack, load):
    for life in ("10m", "20m", "30m"):
        with stack.settings.set(f'[tokens]\naccess_life = "{life}"\n'):
            pass
    assert_nothing_lost(load)


@pytest.mark.ends_workers
def test_a_login_that_runs_when_the_worker_ends_is_answered(stack, client, user):
    """The drain: a hash that began is finished, the answer sent."""
    with stack.settings.set("[passwords]\nbcrypt_cost = 13\n"):
        assert client.login(user.email, user.password).status_code == 200  # stored at cost 13: half a second
        mark = stack.journal.mark()
        with ThreadPoolExecutor(1) as pool:
            login = pool.submit(lambda: client.login(user.email, user.password).status_code)
            [hashing] = until(stack.workers.hashing_now, 10, "the hash to begin")
            [number] = [number for number in (1, 2) if hashing in stack.workers.hashing(number)]
            ended = stack.workers.send(number, signal.SIGTERM)
            assert login.result() == 200
        stopped = stack.journal.wait_for(mark, lambda event: event.name == contract.WORKER_STOPPED, contract.WORKER_STOPPED)
        assert [event["drained"] for event in stopped] == ["yes"]
        stack.workers.wait_for_successor(number, ended, mark)

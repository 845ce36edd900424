"""A worker without a service manager: it binds its own socket and ends in order."""

import grp
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import contract
import fastcgi
from fastcgi import Connection
from journal import Journal
from stack import PROGRAMS
from wait import until

DRAIN_LIMIT = 20  # seconds


@contextmanager
def worker_of(stack, tmp_path, group: str) -> Iterator[tuple]:
    """A process of posternd with the run's settings but for socket and table; and the path of its socket."""
    path = tmp_path / "own.sock"
    text = (
        stack.config.read_text()
        .replace(str(stack.socket), str(path))
        .replace(f"{stack.run}/rates", f"{tmp_path}/rates")
    )
    config = tmp_path / "postern.toml"
    config.write_text(text.replace("[service]\n", f'[service]\nsocket_mode = "0600"\nsocket_group = "{group}"\n'))
    config.chmod(0o600)
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen([PROGRAMS / "posternd", "--config", config], stdin=subprocess.DEVNULL, stderr=log)
    try:
        until(lambda: path.exists() or process.poll() is not None, 10, "the worker's socket")
        assert process.poll() is None, (tmp_path / "log").read_text()
        yield process, path
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def worker(stack, tmp_path):
    with worker_of(stack, tmp_path, group="") as worker:
        yield worker


def test_it_binds_a_socket_of_the_mode_in_the_settings_and_serves_it(worker, parameters):
    _, path = worker
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.stat(path).st_gid == os.getegid()
    with Connection(path) as connection:
        assert connection.ask(parameters("GET", "/readyz")).status == 200


def test_it_gives_its_socket_to_the_group_in_the_settings(stack, tmp_path):
    with worker_of(stack, tmp_path, group="daemon") as (_, path):
        status = os.stat(path)
        assert (status.st_uid, status.st_gid) == (os.geteuid(), grp.getgrnam("daemon").gr_gid)
        assert stat.S_IMODE(status.st_mode) == 0o600


def test_what_does_not_come_from_the_web_server_is_told_in_the_log(worker, tmp_path, parameters):
    _, path = worker
    journal = Journal(tmp_path / "log")
    with Connection(path) as connection:
        connection.send(b"\x02" + fastcgi.begin()[1:])  # another version
        assert connection.is_closed()
    [event] = journal.wait_for(0, lambda event: event.name == contract.GATE_REFUSED, contract.GATE_REFUSED)
    assert (event["reason"], event["count"]) == ("version", "1")
    with Connection(path) as connection:
        assert connection.ask(parameters("GET", "/healthz", POSTERN_PEER="wrong")).status == 403
    [event] = journal.wait_for(0, lambda event: event.name == contract.PEER_REFUSED, contract.PEER_REFUSED)
    assert event["count"] == "1"


def test_sigterm_ends_it_with_0_and_closes_idle_connections(worker, parameters):
    process, path = worker
    with Connection(path) as connection:
        assert connection.ask(parameters("GET", "/healthz")).status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(3 * DRAIN_LIMIT) == 0
        assert connection.is_closed()


def test_it_takes_the_place_of_one_that_was_killed(worker, stack, tmp_path, parameters):
    process, path = worker
    process.kill()
    process.wait()
    assert path.exists()  # a socket that nobody listens on any more
    again = subprocess.Popen([PROGRAMS / "posternd", "--config", tmp_path / "postern.toml"], stdin=subprocess.DEVNULL)
    try:
        until(lambda: answers(path, parameters), 10, "the new worker to answer")
    finally:
        again.terminate()
        assert again.wait(3 * DRAIN_LIMIT) == 0


def answers(path, parameters) -> bool:
    try:
        with Connection(path) as connection:
            return connection.ask(parameters("GET", "/healthz")).status == 200
    except OSError:
        return False

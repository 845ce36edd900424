"""scripts/quickstart: a second start, refusals with the cure, and --stop that leaves nothing behind."""

import os
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from client import Client, Site
from stack import ROOT, free_port, quickstart, quickstart_environment, read_environment
from terminal import Terminal
from wait import until
from workers import is_running


def processes_of(folder: Path) -> dict[int, str]:
    """Processes that name the folder in their arguments or hold a file of it open, with their arguments."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        try:
            names = [process.joinpath("cmdline").read_text(), os.readlink(process / "cwd")]
            names += [os.readlink(link) for link in process.joinpath("fd").iterdir()]
        except OSError:
            continue
        if any(str(folder) in name for name in names) and is_running(int(process.name)):
            found[int(process.name)] = names[0]
    return found


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="postern-qs-") as path:
        yield Path(path)


def test_it_starts_twice_and_stops_without_a_trace(stack, folder):
    """The second start finds its data again; `stack` is there so that the build is not part of this test."""
    port = free_port()
    for _ in range(2):
        try:
            done = quickstart(folder, port, "--background")
            assert done.returncode == 0, done.stdout
            environment = read_environment(folder)
            assert stat.S_IMODE((folder / "env").stat().st_mode) == 0o600
            client = Client(Site(environment["POSTERN_URL"].rstrip("/"), environment["POSTERN_CA"], port))
            response = client.login(environment["POSTERN_EMAIL"], environment["POSTERN_PASSWORD"])
            assert response.status_code == 200
            assert client.get("/me", response.json()["access_token"]).json()["email"] == environment["POSTERN_EMAIL"]
        finally:
            stopped = quickstart(folder, port, "--stop", timeout=120)
        assert stopped.returncode == 0, stopped.stdout
        until(lambda: processes_of(folder) == {}, 10, "no process of the run to be left")
        assert not list(folder.glob("*.sock"))
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


# Who sits at the terminal goes on afterwards; $(...) ends when nobody holds its pipe any more.
SHELL = 'said=$("$0" --background 2>&1); status=$?; echo "$said"; echo "ended with $status, all of it"; read -r next'


def test_background_keeps_neither_the_callers_pipe_nor_its_terminal(stack, folder):
    port = free_port()
    program = ROOT / "scripts" / "quickstart"
    terminal = Terminal("sh", "-c", SHELL, program, environment=quickstart_environment(folder, port))
    try:
        terminal.wait_for("all of it", seconds=300)
        assert "ended with 0" in terminal.shown, terminal.shown
        running = processes_of(folder)
        assert len(running) >= 5, running  # MariaDB, nginx, the launcher and two workers
        assert {process: name for process, name in running.items() if terminal_of(process) != 0} == {}
        assert {process: name for process, name in running.items() if has_open(process, terminal.name)} == {}
    finally:
        terminal.close()
        stopped = quickstart(folder, port, "--stop", timeout=120)
    assert stopped.returncode == 0, stopped.stdout


def terminal_of(process: int) -> int:
    """The controlling terminal's number; 0 where there is none (proc(5), field 7 of stat)."""
    return int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[7 - 3])


def has_open(process: int, path: str) -> bool:
    for link in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            if os.readlink(link) == path:
                return True
    return False


def test_stop_of_what_does_not_run_is_no_failure(stack, folder):
    assert quickstart(folder, free_port(), "--stop", timeout=60).returncode == 0


def test_a_second_start_beside_the_first_is_refused_with_the_cure(stack):
    done = quickstart(stack.run, stack.port, "--background")
    assert done.returncode != 0
    assert "--stop" in done.stdout


def test_a_port_in_use_is_refused_with_the_cure(stack, folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = quickstart(folder, port, "--background")
    assert done.returncode != 0
    assert str(port) in done.stdout and "POSTERN_HTTPS_PORT" in done.stdout
    assert processes_of(folder) == {}


def test_a_run_folder_with_too_long_a_path_is_refused_with_the_cure(stack, folder):
    long = folder / ("x" * 90)
    done = quickstart(long, free_port(), "--background")
    assert done.returncode != 0
    assert "POSTERN_RUN_DIR" in done.stdout
    assert not long.exists() or not any(long.iterdir())


def test_an_argument_that_it_does_not_know_is_refused(stack, folder):
    done = quickstart(folder, free_port(), "--dance", timeout=60)
    assert done.returncode == 2
    assert "--background" in done.stdout and "--stop" in done.stdout

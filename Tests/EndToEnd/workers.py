"""The two worker processes and their launcher."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import contract
from journal import Journal
from wait import until

NUMBERS = (1, 2)


def is_running(pid: int) -> bool:
    return _state(pid) not in "ZX"


def _state(pid: int) -> str:
    """Its state as proc(5) names it; X where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


class Workers:
    def __init__(self, run: Path, journal: Journal):
        self._run = run
        self._journal = journal

    def pid(self, number: int) -> int:
        return int((self._run / f"worker-{number}.pid").read_text())

    def pids(self) -> list[int]:
        return [self.pid(number) for number in NUMBERS]

    def launcher(self) -> int:
        return int((self._run / "workers.pid").read_text())

    def are_running(self) -> bool:
        return all(is_running(pid) for pid in self.pids())

    def send(self, number: int, what: signal.Signals) -> int:
        """Sends a signal to one worker and gives its process id."""
        pid = self.pid(number)
        os.kill(pid, what)
        return pid

    def end(self, number: int, how: signal.Signals) -> None:
        """Ends one worker and waits until its successor is ready."""
        mark = self._journal.mark()
        self.wait_for_successor(number, self.send(number, how), mark)

    def wait_for_successor(self, number: int, old: int, mark: int) -> None:
        until(lambda: self._pid_or_none(number) not in (None, old), 20, f"worker {number} to be started again")
        pid = str(self.pid(number))
        self._journal.wait_for(
            mark,
            lambda event: event.name == contract.WORKER_READY and event.fields.get("pid") == pid,
            f"{contract.WORKER_READY} pid={pid}",
            seconds=20,
        )

    def reload(self) -> None:
        os.kill(self.launcher(), signal.SIGHUP)

    @contextmanager
    def only(self, number: int) -> Iterator[None]:
        """While it holds, new connections are answered by this worker alone: the other one is frozen."""
        other = self.pid(3 - number)
        os.kill(other, signal.SIGSTOP)
        until(lambda: _threads_are_stopped(other), 5, f"process {other} to freeze")
        try:
            yield
        finally:
            os.kill(other, signal.SIGCONT)

    def threads(self, number: int) -> int:
        return len(os.listdir(f"/proc/{self.pid(number)}/task"))

    def hashing(self, number: int) -> list[int]:
        """The processes that hash passwords for this worker."""
        tasks = Path(f"/proc/{self.pid(number)}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
        return [pid for pid in children if is_running(pid) and _name(pid) == "posternd-hash"]

    def hashing_now(self) -> list[int]:
        """Those of both workers that hash one at this moment; at rest they sleep."""
        return [pid for number in NUMBERS for pid in self.hashing(number) if _state(pid) == "R"]

    def bytes_written(self, number: int) -> int:
        lines = Path(f"/proc/{self.pid(number)}/io").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("wchar:"))

    def _pid_or_none(self, number: int) -> int | None:
        try:
            pid = self.pid(number)
        except (FileNotFoundError, ValueError):
            return None
        return pid if is_running(pid) else None


def _threads_are_stopped(pid: int) -> bool:
    """The process says that it is stopped as soon as its first thread is; another may still be taking a connection."""
    states = [stat.read_text().rsplit(")", 1)[1].split()[0] for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    return set(states) == {"T"}

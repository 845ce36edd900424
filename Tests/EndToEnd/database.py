"""The run's private MariaDB: SQL by hand, and its bad days."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wait import until
from workers import is_running


class Database:
    def __init__(self, run: Path, name: str):
        self._run = run
        self._name = name
        self._command = self._command_line()

    def sql(self, statement: str) -> list[list[str]]:
        """Rows of text, as the mariadb client prints them."""
        done = subprocess.run(
            [
                "mariadb",
                "--no-defaults",
                f"--socket={self._run}/mariadb.sock",
                "--batch",
                "--skip-column-names",
                "--raw",
                "--default-character-set=utf8mb4",
                self._name,
            ],
            input=statement,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    def pid(self) -> int:
        return int((self._run / "mariadb.pid").read_text())

    @contextmanager
    def frozen(self) -> Iterator[None]:
        pid = self.pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self._stop()
        try:
            yield
        finally:
            self._start()

    def _stop(self) -> None:
        pid = self.pid()
        os.kill(pid, signal.SIGTERM)
        until(lambda: not is_running(pid), 30, "MariaDB to stop")

    def _start(self) -> None:
        """As the quickstart started it, and no child of ours, so that whoever stops it sees it go."""
        line = f"exec setsid --fork {shlex.join(self._command)} >>{self._run}/mariadb-again.log 2>&1 </dev/null"
        subprocess.run(["sh", "-c", line], check=True, timeout=30)
        until(self._answers, 30, "MariaDB to answer again")

    def _answers(self) -> bool:
        return (
            subprocess.run(
                ["mariadb", "--no-defaults", f"--socket={self._run}/mariadb.sock", "-e", "SELECT 1"],
                capture_output=True,
                timeout=30,
            ).returncode
            == 0
        )

    def _command_line(self) -> list[str]:
        raw = Path(f"/proc/{self.pid()}/cmdline").read_bytes().rstrip(b"\0")
        words = [word.decode() for word in raw.split(b"\0")]
        return [os.readlink(f"/proc/{self.pid()}/exe"), *words[1:]]

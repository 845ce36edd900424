"""A terminal with a program on it that was started there, and who types and reads at it."""

import os
import select
import signal
import subprocess
import termios
from pathlib import Path

from wait import until


class Terminal:
    """A program with a terminal of its own, and who sits at it."""

    def __init__(self, *command: str | Path, environment: dict[str, str] | None = None):
        self._keyboard, self._screen = os.openpty()
        self.process = subprocess.Popen(command, env=environment, preexec_fn=self._enter)
        self.shown = ""

    def _enter(self) -> None:
        """As a login shell's child begins: whoever runs the tests may have had signals ignored (nohup), and that is
        inherited."""
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP):
            signal.signal(number, signal.SIG_DFL)
        os.login_tty(self._screen)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._keyboard)
        os.close(self._screen)

    def type(self, keys: bytes) -> None:
        os.write(self._keyboard, keys)

    def wait_for(self, text: str, count: int = 1, seconds: float = 10) -> None:
        until(lambda: self._look().count(text) >= count, seconds, f"{text!r} on the terminal")

    @property
    def name(self) -> str:
        return os.ttyname(self._screen)

    def has_echo(self) -> bool:
        return bool(termios.tcgetattr(self._screen)[3] & termios.ECHO)

    def _look(self) -> str:
        while select.select([self._keyboard], [], [], 0)[0]:
            self.shown += os.read(self._keyboard, 4096).decode("utf-8", "replace")
        return self.shown

"""Settings of one test: a file in conf.d for as long as the test runs, taken by HUP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import contract
from journal import Journal
from workers import NUMBERS, Workers


class Settings:
    def __init__(self, run: Path, workers: Workers, journal: Journal):
        self._folder = run / "conf.d"
        self._workers = workers
        self._journal = journal
        self._depth = 0

    @contextmanager
    def set(self, text: str) -> Iterator[None]:
        """In force in both workers inside the `with`, and no longer behind it. One within another adds to it."""
        file = self._folder / f"{80 + self._depth}-test.toml"
        file.write_text(text)
        self._depth += 1
        try:
            self._reload()
            yield
        finally:
            self._depth -= 1
            file.unlink()
            self._reload()

    def set_for_the_run(self, text: str) -> None:
        (self._folder / "10-suite.toml").write_text(text)
        self._reload()

    @contextmanager
    def refused(self, text: str) -> Iterator[str]:
        """Settings that no worker takes; gives what the log says about them."""
        file = self._folder / "90-test.toml"
        file.write_text(text)
        try:
            mark = self._journal.mark()
            self._workers.reload()
            kept = self._wait(mark, contract.SETTINGS_KEPT)
            yield kept[0]["reason"]
        finally:
            file.unlink()
            self._reload()

    def _reload(self) -> None:
        mark = self._journal.mark()
        self._workers.reload()
        self._wait(mark, contract.SETTINGS_TAKEN)

    def _wait(self, mark: int, name: str):
        return self._journal.wait_for(mark, lambda event: event.name == name, name, count=len(NUMBERS), seconds=20)

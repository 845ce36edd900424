"""A steady load of one request from some clients, until it is told to stop."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests


class Load:
    """Calls `ask` in threads; `answers` are the statuses, `failures` what never got an answer."""

    def __init__(self, ask: Callable[[], int], threads: int):
        self.answers: list[int] = []
        self.failures: list[str] = []
        self._ask = ask
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.answers.append(self._ask())
            except requests.RequestException as error:
                self.failures.append(repr(error))

    @contextmanager
    def running(self) -> Iterator["Load"]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stopped.set()
            for thread in self._threads:
                thread.join(60)

"""A storm of logins, right and wrong ones, that keeps every hash slot of every worker busy."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
import http.client
import itertools
import json
from pathlib import Path
import secrets
import threading
from urllib.parse import urlsplit

from failure import Failure
from peers import Client
from processes import wait_until
from processor import children

# More than both workers take ([service] hash_queue and hash_deadline), so none ever runs out of logins, however the kernel
# spreads them. Who is refused for that (503) comes back when another login has been answered.
CLIENTS = 100
RIGHT = 8  # of the clients; the budget of a user's guesses from unknown networks has places for 20 at a time
SAMPLE_SECONDS = 0.01
BUSY = 0.95  # the least share of samples in which every slot has to be busy


def hash_slots(workers: list[int]) -> list[Path]:
    """The stat files of the processes that hash passwords, by their names (proc(5), comm)."""
    processes = [Path(f"/proc/{child}") for pid in workers for child in children(pid)]
    slots = [process / "stat" for process in processes if (process / "comm").read_text().strip() == "posternd-hash"]
    if not slots:
        raise Failure("the workers have no process named posternd-hash")
    return slots


def is_busy(slot: Path) -> bool:
    """Running or ready to: a slot without a login sleeps, and a hash waits for nothing."""
    return slot.read_text().rpartition(")")[2].split()[0] == "R"


class Storm:
    """Every login comes from an address of its own, so the budgets of addresses and networks stop none of them; the
    wrong ones are for e-mails that do not exist, which costs the same hash, so those of the user stop none either."""

    def __init__(self, url: str, client: Client, workers: list[int]):
        self.answers: Counter[int] = Counter()
        self.failures: list[str] = []
        self._authority = urlsplit(url).netloc
        self._client = client
        self._slots = hash_slots(workers)
        # Not those of an earlier run within the budgets' hour.
        self._numbers = itertools.count(secrets.randbelow(1 << 23))
        self._over = threading.Event()
        self._answered = threading.Semaphore(0)

    @contextmanager
    def blowing(self) -> Iterator[None]:
        """Until the block ends; from its beginning every slot is busy."""
        self._over.clear()
        self._answered = threading.Semaphore(0)
        clients = [threading.Thread(target=self._ask, args=(number < RIGHT,)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            wait_until(self.is_full, 30, "the storm of logins does not fill the hash slots")
            yield
        finally:
            self._over.set()
            self._answered.release(CLIENTS)
            for client in clients:
                client.join()
            wait_until(self.is_over, 30, "hashes go on after the storm")
        if self.failures:
            raise Failure(f"{len(self.failures)} logins of the storm failed: {self.failures[0]}")
        strange = {status for status in self.answers if status not in (200, 401, 503)}
        if strange or not self.answers[200] or not self.answers[401]:
            raise Failure(f"the storm's logins were answered {dict(self.answers)}")

    def is_full(self) -> bool:
        return all(map(is_busy, self._slots))

    def is_over(self) -> bool:
        return not any(map(is_busy, self._slots))

    @contextmanager
    def watched(self) -> Iterator[list[bool]]:
        """Gives whether every slot was busy, one sample after the other; a Failure when too often one was not."""
        samples: list[bool] = []
        over = threading.Event()

        def watch() -> None:
            while not over.wait(SAMPLE_SECONDS):
                samples.append(self.is_full())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield samples
        finally:
            over.set()
            watcher.join()
        if sum(samples) < BUSY * len(samples):
            raise Failure(f"every hash slot was busy in {sum(samples)} of {len(samples)} samples only")

    def _ask(self, right: bool) -> None:
        while not self._over.is_set():
            number = next(self._numbers)
            try:
                status = self._login(number, right)
            except OSError as error:
                self.failures.append(str(error))
                return
            self.answers[status] += 1
            if status == 503:
                self._answered.acquire()
            else:
                self._answered.release()

    def _login(self, number: int, right: bool) -> int:
        """One login over a connection of its own from 127.x.y.z, all of which are this machine's."""
        address = f"127.{1 + number // 65_536}.{number // 256 % 256}.{number % 256}"
        email = self._client.email if right else f"nobody.{number}@example.com"
        body = json.dumps({"email": email, "password": self._client.password})
        connection = http.client.HTTPConnection(self._authority, timeout=30, source_address=(address, 0))
        try:
            connection.request("POST", "/login", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

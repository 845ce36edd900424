"""Eight processes that ask for one key in one pattern, whoever decides, and note when each admission began and ended.

    python crowd.py LIMIT memory-fixed|memory-moving|redis-fixed|redis-moving|URL REDIS_URI

The rule is LIMIT in a second, the pattern is the same for all:

    0.0 s           one process asks LIMIT times at once, after a rest
    0.3 to 2.3 s    all ask without a pause
    3.5 s, 5.8 s    the edge of a fixed window: one request, which begins it, and from 0.9 to 1.2 s after it all ask
                    without a pause

Prints one JSON object: `admissions` (a pair for each: ns before it was asked for and ns after it was given, of one
clock), `at_once` (how many of the first LIMIT were admitted), `asked` and `seconds` of the long flood.
"""

from collections.abc import Callable
import json
import multiprocessing
from multiprocessing.synchronize import Barrier
import sys
import time

from limits import RateLimitItemPerSecond

from limiters import asks_limiter, asks_url

PROCESSES = 8
SECOND = 1_000_000_000
FLOOD = (0.3, 2.3)
EDGES = (3.5, 5.8)
AROUND_EDGE = (0.9, 1.2)


def wait_for(moment: int) -> None:
    time.sleep(max(0, moment - time.monotonic_ns()) / SECOND)


class Member:
    """One process of the crowd."""

    def __init__(self, ask: Callable[[], bool], start: int) -> None:
        self.ask, self.start = ask, start
        self.admissions: list[tuple[int, int]] = []

    def ask_once(self) -> None:
        before = time.monotonic_ns()
        if self.ask():
            self.admissions.append((before, time.monotonic_ns()))

    def flood(self, begin: float, end: float) -> int:
        """How often it asked between these seconds of the pattern."""
        wait_for(self.start + int(begin * SECOND))
        last, asked = self.start + int(end * SECOND), 0
        while time.monotonic_ns() < last:
            self.ask_once()
            asked += 1
        return asked


def take_part(
    number: int, limit: int, target: str, redis: str, barrier: Barrier, results: multiprocessing.Queue
) -> None:
    url = target.startswith("http:")
    ask = asks_url(target) if url else asks_limiter(target, redis, RateLimitItemPerSecond(limit), f"{target}-crowd")
    barrier.wait()
    member = Member(ask, time.monotonic_ns())
    if number == 0:
        for _ in range(limit):
            member.ask_once()
    at_once = len(member.admissions)
    asked = member.flood(*FLOOD)
    for edge in EDGES:
        if number == 0:
            wait_for(member.start + int(edge * SECOND))
            member.ask_once()
        member.flood(edge + AROUND_EDGE[0], edge + AROUND_EDGE[1])
    results.put((member.admissions, at_once, asked))


def main() -> None:
    limit, target, redis = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(PROCESSES), context.Queue()
    members = [
        context.Process(target=take_part, args=(number, limit, target, redis, barrier, results), daemon=True)
        for number in range(PROCESSES)
    ]
    for member in members:
        member.start()
    parts = [results.get(timeout=30) for _ in members]
    for member in members:
        member.join()
    crowd = {
        "admissions": [pair for admissions, _, _ in parts for pair in admissions],
        "at_once": sum(at_once for _, at_once, _ in parts),
        "asked": sum(asked for _, _, asked in parts),
        "seconds": FLOOD[1] - FLOOD[0],
    }
    print(json.dumps(crowd))


main()

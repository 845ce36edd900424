"""Wrong passwords: making them, and finding in the workers' log what became of them."""

import itertools
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import contract
from journal import Event, Journal
from wait import until

_numbers = itertools.count(1)

# No budget and no pause stands in the way: for tests that are about something else and mistype often.
FREE = """[login]
pauses = []
per_network = "100000/hour"
per_user_elsewhere = "100000/hour"
per_user_and_network = "100000/hour"
"""

# The limit of the routes /login and /token, by address, does not step in first.
WIDE_ROUTE = '[limits]\nlogin = "100000/minute"\n'


def nobody() -> str:
    """An e-mail that no user has, and that no test has tried before."""
    return f"nobody{next(_numbers)}-{secrets.token_hex(4)}@example.test"


def guess() -> str:
    """A wrong password that no test has tried before: the same one again would be no new guess."""
    return "a guess " + secrets.token_hex(8)


@dataclass(frozen=True)
class Outcome:
    """What the log of both workers says about some logins."""

    hashed: int
    """How many of them reached the hash."""
    blocked: int
    """How many lines say that one was blocked; lines that were left out are not among them."""


def outcome(journal: Journal, mark: int, traces: Iterable[str]) -> Outcome:
    """Of the logins with these traces, begun after `mark` and all answered."""
    wanted = set(traces)
    events = [event for event in journal.since(mark) if event.fields.get("trace") in wanted]
    return Outcome(count(events, contract.HASH_DONE), count(events, contract.LOGIN_BLOCKED))


def count(events: Iterable[Event], name: str) -> int:
    return sum(event.name == name for event in events)


def hashes(journal: Journal, mark: int) -> int:
    """How many passwords were hashed since `mark`, by whichever process."""
    return count(journal.since(mark), contract.HASH_DONE)


def reason(journal: Journal, response, name: str = contract.LOGIN_BLOCKED) -> str:
    """Why a login was blocked, or why it failed."""
    return journal.of_trace(name, response.headers["X-Request-Id"])["reason"]


def wait_until_told(journal: Journal, mark: int, blocked: int) -> None:
    """Until so many blocked logins since `mark` have their line or stand in a count of those left out: a worker writes 50
    lines a second, and the test that comes next looks for one of its own."""

    def told() -> bool:
        events = journal.since(mark)
        left_out = [int(event["count"]) for event in events if event.name == contract.LOGIN_BLOCKED_MORE]
        return count(events, contract.LOGIN_BLOCKED) + sum(left_out) >= blocked

    until(told, 10, f"{blocked} blocked logins in the log")


def wait_until_known(stack, user, address: str) -> None:
    """Until the network of a good login is noted; that happens after the answer."""
    until(
        lambda: stack.database.sql(
            f"SELECT 1 FROM user_networks WHERE user_id = '{user.id}' AND network = '{address}'"
        ),
        10,
        f"{address} to be a known network of {user.id}",
    )

"""Looks at what is about to be measured: figures of the wrong answers are worth nothing."""

from dataclasses import replace
import json
import urllib.error
import urllib.request

from failure import Failure
from load import Answer, Load, Target, fetch, measure
from processes import wait_until
from redis_server import Redis
from windows import most_in_window, over_admissions

RULE = "q=1000000;w=1"  # as RateLimit-Policy words 1,000,000 in 1 s
OF_NGINX = {"server", "date", "connection", "content-length", "transfer-encoding"}


def fetch_well(target: Target) -> Answer:
    answer = fetch(target)
    if answer.status != 200:
        raise Failure(f"{target.title}: {answer.status} {answer.body.decode(errors='replace')[:500]}")
    return answer


def own_headers(answer: Answer) -> dict[str, int]:
    """The lengths of the headers that the program behind nginx sent, by name."""
    return {name: len(value) for name, value in answer.headers.items() if name not in OF_NGINX}


def check(nginx: Target, bare: Target, me: Target, python: Target) -> None:
    """A Failure unless all answer 200, (b) sends what (c) sends, (d) tells the same user, and (c) is charged."""
    fetch_well(nginx)
    bare_answer, me_answer, python_answer = fetch_well(bare), fetch_well(me), fetch_well(python)
    policy = me_answer.headers.get("ratelimit-policy", "")
    if RULE not in policy:
        raise Failure(f"GET /me is not under the rule of the benchmark: RateLimit-Policy is {policy!r}")
    if bare_answer.body != me_answer.body:
        raise Failure("the bare responder's body is not that of GET /me")
    # The remaining places and the seconds of RateLimit change by a digit between two answers.
    bare_headers, me_headers = own_headers(bare_answer), own_headers(me_answer)
    if bare_headers.keys() != me_headers.keys() or abs(sum(bare_headers.values()) - sum(me_headers.values())) > 8:
        raise Failure(f"the bare responder's head is not that of GET /me: {bare_headers} and {me_headers}")
    if json.loads(python_answer.body) != json.loads(me_answer.body):
        raise Failure("the Python service tells another user than GET /me")


def check_gate(open_file: Target, bare: Target, gate: Target) -> None:
    """A Failure unless all three give the same file, and Postern's check gives it to nobody without a token."""
    bodies = {fetch_well(target).body for target in (open_file, bare, gate)}
    if len(bodies) != 1:
        raise Failure(f"not one file behind the three addresses, but {len(bodies)}")
    stranger = replace(gate, token="")
    if (status := fetch(stranger).status) != 401:
        raise Failure(f"the checked file is given out without a token: {status}")


def check_one_count(python: Target, redis: Redis, client: str, workers: int) -> None:
    """A Failure unless all processes of (d) count in the one Redis, every request, for the client of the token.

    (d) counts by calling a script (EVALSHA), its connections carry their process's name, a count lives for a second.
    """
    alone = 10
    wait_until(lambda: not redis.keys(), 10, "Redis still holds a count, seconds after the last request")
    for _ in range(alone):
        fetch_well(python)
    keys = redis.keys()
    values = [redis.ask("GET", key) for key in keys]
    if len(keys) != 1 or client not in keys[0] or values != [str(alone)]:
        raise Failure(f"Redis does not hold one count of {alone} for the client of (d), but {keys} with {values}")

    force = Load(connections=64, threads=2, seconds=1)
    before = redis.calls("evalsha")
    answers = measure(python, force).answers
    counted = redis.calls("evalsha") - before
    # wrk leaves as many requests as it has connections without waiting for their answers.
    if not answers <= counted <= answers + force.connections:
        raise Failure(f"the Python service gave {answers} answers, but Redis counted {counted}")
    if len(redis.client_names()) != workers or len(redis.keys()) > 1:
        raise Failure(
            f"not {workers} processes of the Python service that share one count: "
            f"{sorted(redis.client_names())}, {redis.keys()}"
        )


def check_windows() -> None:
    """A Failure unless the judge of the limiters finds what is there, and nothing else. The rule is 2 in 10 ns."""
    cases = {
        "N in each window": ([(0, 0), (1, 1), (10, 10), (11, 11)], 2, 0),
        "two fixed windows": ([(8, 8), (9, 9), (10, 10), (11, 11)], 4, 2),
        "a window and one more": ([(0, 0), (5, 5), (9, 9), (10, 10)], 3, 1),
        "no place in order": ([(9, 9), (0, 0), (5, 5)], 3, 1),
        "one that may have been decided later": ([(0, 0), (5, 5), (9, 10)], 2, 0),
        "one that was decided in time": ([(0, 0), (5, 5), (8, 9)], 3, 1),
    }
    for name, (admissions, most, over) in cases.items():
        found = most_in_window(admissions, 10), over_admissions(admissions, 2, 10)
        if found != (most, over):
            raise Failure(f"the judge says {found} of {name!r}, not {(most, over)}")


def check_search_rule(base: str) -> None:
    """A Failure unless GET /public/search, which a flood has just spent, is under 20 in a second."""
    try:
        with urllib.request.urlopen(f"{base}/public/search?q=harbour", timeout=5) as answer:
            policy = answer.headers.get("RateLimit-Policy", "")
    except urllib.error.HTTPError as refusal:
        policy = refusal.headers.get("RateLimit-Policy", "")
    if "q=20;w=1" not in policy:
        raise Failure(f"GET /public/search is not under the rule of the benchmark: RateLimit-Policy is {policy!r}")

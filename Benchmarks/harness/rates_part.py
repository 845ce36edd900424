"""The part `rates`: what a decision costs, and whether the rule is kept, for Postern and for what else is used."""

from dataclasses import dataclass
import json
import os
from pathlib import Path
import statistics

import checks
from ground import Ground, Others
import load
from load import Load
import peers
from processes import run
import rate_stress
from report import Bar, say
import windows
from windows import Admission

LIMIT, WINDOW = 20, 1_000_000_000  # 20 in a second
PROCESSES = 8
FLOOD_SECONDS = 4.0
RUNS = 3  # of each measurement of a decision, in turn
PRESSED_LIMITS = (20, 60)  # a log and a count of tickets: the two kinds of entries


@dataclass(frozen=True)
class Limiter:
    """One limiter under the rule. What is not measured of it is None."""

    name: str
    title: str
    most: int  # the most admissions in one window
    over: int  # admissions that were too many
    admitted: int
    decision_ns: float | None = None  # one thread, 1,000 keys
    hot_per_second: float | None = None  # eight processes on one key
    flood_per_second: float | None = None  # answers over HTTP, nearly all of them refusals
    at_once: int | None = None  # admitted of LIMIT requests at once, after a rest


@dataclass(frozen=True)
class Rates:
    thousand: list[float]  # ns of a decision in place, 1,000 keys, one a run
    million: list[float]
    million_huge_pages: list[float]  # empty where nobody may mount a tmpfs
    hot_key_over_single: float
    hot_key_over_single_refused: float
    pressure: list[dict[str, float]]  # four times as many keys as places, one measurement a limit
    limiters: list[Limiter]

    def bars(self) -> list[Bar]:
        thousand = statistics.median(self.thousand)
        million = statistics.median(self.million_huge_pages or self.million)
        return [
            Bar("decision_ns_1k", "decision, 1,000 keys", thousand, 150, True, " ns"),
            Bar("decision_ns_1m", "decision, 1,000,000 keys", million, 500, True, " ns"),
            Bar("hot_key_over_single", "8 processes on a hot key", self.hot_key_over_single, 1 / 3, False, ""),
            Bar("flood_over_calm", "decision, flood over calm", self.worst("flood_over_calm"), 3, True, ""),
            Bar("postern_over_admissions", "over-admissions, in place", self.over("postern"), 0, True, ""),
            Bar("postern_http_over_admissions", "over-admissions, HTTP", self.over("postern_http"), 0, True, ""),
        ]

    def worst(self, figure: str) -> float:
        return max(measured[figure] for measured in self.pressure)

    def over(self, name: str) -> int:
        return next(limiter.over for limiter in self.limiters if limiter.name == name)


def judged(admissions: list[Admission]) -> dict[str, int]:
    return {
        "most": windows.most_in_window(admissions, WINDOW),
        "over": windows.over_admissions(admissions, LIMIT, WINDOW),
        "admitted": len(admissions),
    }


def crowd(others: Others, target: str) -> tuple[list[Admission], int, float]:
    """The admissions of eight processes in the pattern of crowd.py, how many of the first LIMIT were admitted, and
    decisions a second in its long flood."""
    program = [str(others.python), str(peers.PYTHON / "crowd.py")]
    output = run([*program, str(LIMIT), target, others.counts.uri], f"crowd.py {target}", 60)
    result = json.loads(output)
    admissions = [(begin, end) for begin, end in result["admissions"]]
    return admissions, result["at_once"], result["asked"] / result["seconds"]


def in_python(others: Others, name: str, title: str, which: str) -> Limiter:
    say(f"limits, {which}")
    program = [str(others.python), str(peers.PYTHON / "decisions.py")]
    nanoseconds = float(run([*program, which, others.counts.uri], f"decisions.py {which}", 60))
    admissions, at_once, hot = crowd(others, which)
    return Limiter(name, title, **judged(admissions), decision_ns=nanoseconds, hot_per_second=hot, at_once=at_once)


def over_http(ground: Ground, others: Others, name: str, title: str, path: str, force: Load) -> Limiter:
    say(f"{title}, over HTTP")
    url = f"{ground.base}{path}"
    admissions, at_once, _ = crowd(others, url)
    answers = load.flood(name, url, force)
    return Limiter(name, title, **judged(admissions), flood_per_second=answers, at_once=at_once)


def measure(ground: Ground, others: Others, repository: Path, force: Load) -> Rates:
    checks.check_windows()
    say("decisions in place (the first time builds RateStress)")
    program = rate_stress.build(repository, ground.product.folder / "build.log")
    thousand, million, million_huge_pages = [], [], []
    for _ in range(RUNS):
        thousand.append(rate_stress.decision_ns(program, 1_000, rate_stress.CAPACITY))
        million.append(rate_stress.decision_ns(program, 1_000_000, rate_stress.CAPACITY_FOR_MILLION))
        if os.geteuid() == 0:
            million_huge_pages.append(
                rate_stress.decision_ns(program, 1_000_000, rate_stress.CAPACITY_FOR_MILLION, huge_pages=True)
            )
    hot = rate_stress.measure(program, "--hot", "--processes", str(PROCESSES))
    pressure = [rate_stress.pressure(program, limit) for limit in PRESSED_LIMITS]
    admissions = rate_stress.flood(program, PROCESSES, LIMIT, FLOOD_SECONDS)
    in_place = Limiter(
        "postern",
        "Postern, in place",
        **judged(admissions),
        decision_ns=statistics.median(thousand),
        hot_per_second=hot["hot_per_s_refused"],
    )
    limiters = [
        in_place,
        in_python(others, "limits_memory_fixed", "limits, memory, fixed window", "memory-fixed"),
        in_python(others, "limits_memory", "limits, memory, moving window", "memory-moving"),
        in_python(others, "limits_redis_fixed", "limits, Redis, fixed window", "redis-fixed"),
        in_python(others, "limits_redis", "limits, Redis, moving window", "redis-moving"),
        over_http(ground, others, "postern_http", "Postern, GET /public/search", "/public/search?q=harbour", force),
        over_http(ground, others, "limit_req", "limit_req, burst=19 nodelay", "/limit_req/burst", force),
        over_http(ground, others, "limit_req_even", "limit_req, no burst", "/limit_req/even", force),
    ]
    checks.check_search_rule(ground.base)
    others.counts.ask("FLUSHALL")  # the next part looks for its own count alone
    return Rates(
        thousand,
        million,
        million_huge_pages,
        hot["hot_key_over_single"],
        hot["hot_key_over_single_refused"],
        pressure,
        limiters,
    )

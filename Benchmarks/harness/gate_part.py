"""The part `gate`: a file behind a check, and how long checks take while logins keep every hash slot busy."""

from contextlib import ExitStack
from dataclasses import dataclass
import statistics

import checks
from failure import Failure
from ground import Ground
import load
from load import Load, Run, Target
import peers
from report import Bar, say
from requests_part import measure_in_turn
from storm import Storm

PATH = "/kept/page.html"


@dataclass(frozen=True)
class Latencies:
    """Checks at a pace that leaves the machine room, in quiet and in the storm, one run after the other."""

    quiet: list[Run]
    storm: list[Run]
    busy: float  # share of samples in the storm in which every hash slot was busy
    logins: dict[int, int]  # answers of the storm by status

    def ratio(self, percentile: str) -> float:
        return self.median("storm", percentile) / self.median("quiet", percentile)

    def median(self, weather: str, percentile: str) -> float:
        return statistics.median(getattr(run, percentile) for run in getattr(self, weather))


@dataclass(frozen=True)
class Gate:
    open_file: Target
    bare: Target
    gate: Target
    latencies: Latencies

    @property
    def targets(self) -> list[Target]:
        return [self.open_file, self.bare, self.gate]

    @property
    def gate_over_open_file(self) -> float:
        return self.gate.median("rate") / self.open_file.median("rate")

    def bars(self) -> list[Bar]:
        over_bare = self.gate.median("rate") / self.bare.median("rate")
        return [
            Bar("gate_over_bare", "checked file over bare check", over_bare, 0.90, False, ""),
            Bar("p99_under_login_storm_over_quiet", "p99 in storm over quiet", self.latencies.ratio("p99"), 3, True, ""),
        ]


def measure_latencies(target: Target, storm: Storm, force: Load, rounds: int) -> Latencies:
    quiet, stormy, samples = [], [], []
    for number in range(1, rounds + 1):
        quiet.append(load.pace(target, force))
        with storm.blowing(), storm.watched() as watched:
            stormy.append(load.pace(target, force))
        samples += watched
        say(f"round {number}: p99 {quiet[-1].p99:.2f} ms in quiet, {stormy[-1].p99:.2f} ms in the storm")
    return Latencies(quiet, stormy, sum(samples) / len(samples), dict(storm.answers))


def measure(ends: ExitStack, ground: Ground, force: Load, rounds: int) -> Gate:
    product, front = ground.product, ground.nginx
    workers = product.workers()
    say("starting the bare responder for checks")
    answer = product.captured_answer("check", "/postern/auth")
    bare_workers = peers.start_bare(
        ends, product.folder, "bare-check", answer, len(workers), product.fast_threads()
    )

    open_file = Target("open_file", "file, no check", f"{front.gate}/open/page.html", product.token, [], ground.front)
    bare = Target("bare_gate", "bare check", f"{front.bare_gate}{PATH}", product.token, bare_workers, ground.front)
    gate = Target("gate", "Postern's check", f"{front.gate}{PATH}", product.token, workers, ground.front)
    checks.check_gate(open_file, bare, gate)
    measure_in_turn([open_file, bare, gate], force, rounds)
    storm = Storm(front.gate, product.client, workers)
    latencies = measure_latencies(gate, storm, force, rounds)
    if product.workers() != workers:
        raise Failure("a worker was restarted under the load; see workers.log")
    return Gate(open_file, bare, gate, latencies)

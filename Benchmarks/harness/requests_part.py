"""The part `requests`: four answers to GET /me beside each other, the memory of a worker, its start."""

from contextlib import ExitStack
from dataclasses import dataclass
import os
import statistics

import checks
from failure import Failure
from ground import Ground, Others
import load
from load import Load, Target
import memory
import peers
from processor import with_children
from report import Bar, say
import startup

STARTS = 11
WARM_UP_SECONDS = 2


@dataclass(frozen=True)
class Requests:
    nginx: Target
    bare: Target
    me: Target
    python: Target
    worker_mib: list[float]  # one a worker
    start_ms: list[float]  # one a start
    load: Load
    threads: int  # fast threads of a worker
    python_workers: int

    @property
    def targets(self) -> list[Target]:
        return [self.nginx, self.bare, self.me, self.python]

    @property
    def me_over_bare(self) -> float:
        return self.me.median("rate") / self.bare.median("rate")

    @property
    def me_over_python(self) -> float:
        return self.me.median("rate") / self.python.median("rate")

    @property
    def me_over_python_cpu(self) -> float:
        """The same comparison in processor time of the services alone."""
        return self.python.median("cpu") / self.me.median("cpu")

    @property
    def worker_rss_mib(self) -> float:
        return max(self.worker_mib)

    @property
    def start_to_ready_ms(self) -> float:
        return statistics.median(self.start_ms)

    def bars(self) -> list[Bar]:
        return [
            Bar("me_over_bare", "GET /me over bare responder", self.me_over_bare, 0.80, False, ""),
            Bar("me_over_python", "GET /me over Python service", self.me_over_python, 20, False, ""),
            Bar("worker_rss_mib", "memory of a worker", self.worker_rss_mib, 25, True, " MiB"),
            Bar("start_to_ready_ms", "start to ready", self.start_to_ready_ms, 100, True, " ms"),
        ]


def measure_in_turn(targets: list[Target], force: Load, rounds: int) -> None:
    """Round by round, so that whatever else happens on the machine meets all targets alike."""
    say("warming up")
    for target in targets:
        load.measure(target, Load(force.connections, force.threads, WARM_UP_SECONDS))
    for number in range(1, rounds + 1):
        for target in targets:
            target.samples.append(load.measure(target, force))
        say(f"round {number}: " + ", ".join(f"{target.name} {target.samples[-1].rate:,.0f}/s" for target in targets))


def measure(ends: ExitStack, ground: Ground, others: Others, force: Load, rounds: int) -> Requests:
    product = ground.product
    cores = os.cpu_count() or 1
    workers = product.workers()
    threads = product.fast_threads()

    say("starting the bare responder and the Python service")
    bare_workers = peers.start_bare(
        ends, product.folder, "bare", product.captured_answer("api", "/me"), len(workers), threads
    )
    uvicorn = peers.start_python(
        ends, product.folder, others.programs, product.database, others.counts, product.client, cores
    )
    python_token = peers.python_token(ground.base, product.client)

    database = product.database_process()
    base, front = ground.base, ground.front
    behind = [*with_children(uvicorn), database, others.counts.process]
    alone = Target("nginx_return", "(a) nginx return 200", f"{base}/return", product.token, [], front)
    bare = Target("bare", "(b) bare responder", f"{base}/bare", product.token, bare_workers, front)
    me = Target("me", "(c) Postern GET /me", f"{base}/me", product.token, [*workers, database], front)
    python = Target("python", "(d) Python GET /me", f"{base}/python/me", python_token, behind, front)
    checks.check(alone, bare, me, python)
    checks.check_one_count(python, others.counts, product.client.identity, cores)
    measure_in_turn([alone, bare, me, python], force, rounds)
    if product.workers() != workers:
        raise Failure("a worker was restarted under the load; see workers.log")

    say("memory and start")
    resident = [memory.worker_mib(pid, product.table) for pid in workers]
    starts = [startup.start_to_ready(product.worker_command, product.folder) for _ in range(STARTS)]
    return Requests(alone, bare, me, python, resident, starts, force, threads, cores)

"""scripts/bench: starts everything, measures in turn, prints the figures.

Standard output has the figures and nothing else; progress and errors go to standard error. Exit code 0 when it
measured, whether or not the bars are met; 1 when something failed; 2 for unusable arguments.
"""

import argparse
from contextlib import ExitStack
import os
from pathlib import Path
import signal
import sys
from types import FrameType

import checks
from failure import Failure
import load
from load import Load, Target
import memory
import nginx
import peers
from processor import with_children
import redis_server
import report
from report import Results
import stack
import startup

REPOSITORY = Path(__file__).resolve().parents[2]
STARTS = 11
WARM_UP_SECONDS = 2
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measures speed, memory and start of the workers."
    )
    parser.add_argument(
        "--json", action="store_true", help="one JSON object on standard output; the table goes to standard error"
    )
    parser.add_argument(
        "--rounds", type=int, default=11, metavar="N", help="runs of each target (default 11, at least 5)"
    )
    parser.add_argument("--seconds", type=int, default=2, metavar="S", help="length of a run (default 2)")
    parser.add_argument("--connections", type=int, default=64, metavar="C", help="kept connections (default 64)")
    chosen = parser.parse_args()
    if chosen.rounds < 5 or chosen.seconds < 1 or chosen.connections < 2:
        parser.error("at least 5 rounds, 1 second and 2 connections")
    return chosen


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def interrupt(number: int, frame: FrameType | None) -> None:
    for further in SIGNALS:  # what was started is ended in peace
        signal.signal(further, signal.SIG_IGN)
    raise Failure(f"stopped by {signal.Signals(number).name}")


def measure_in_turn(targets: list[Target], force: Load, rounds: int) -> None:
    """Round by round, so that whatever else happens on the machine meets all targets alike."""
    say("warming up")
    for target in targets:
        load.measure(target, Load(force.connections, force.threads, WARM_UP_SECONDS))
    for number in range(1, rounds + 1):
        for target in targets:
            target.samples.append(load.measure(target, force))
        say(f"round {number}: " + ", ".join(f"{target.name} {target.samples[-1].rate:,.0f}/s" for target in targets))


def bench(chosen: argparse.Namespace, ends: ExitStack) -> Results:
    busy = os.getloadavg()[0]
    force = Load(connections=chosen.connections, threads=2, seconds=chosen.seconds)
    cores = os.cpu_count() or 1

    say("starting Postern (the first time this builds it)")
    product = stack.start(ends, REPOSITORY, REPOSITORY / ".run-bench")
    workers = product.workers()
    threads = product.fast_threads()

    say("starting the bare responder and the Python service (the first time this installs its packages)")
    bare_workers = peers.start_bare(ends, product.folder, product.captured_answer(), len(workers), threads)
    counts = redis_server.start(ends, product.folder)
    uvicorn = peers.start_python(ends, product.folder, product.database, counts, product.client, cores)
    base, master = nginx.start(ends, product.folder, REPOSITORY, product.socket, product.peer_secret)
    python_token = peers.python_token(base, product.client)

    database = product.database_process()
    front = with_children(master)
    behind = [*with_children(uvicorn), database, counts.process]
    alone = Target("nginx_return", "(a) nginx return 200", f"{base}/return", product.token, [], front)
    bare = Target("bare", "(b) bare responder", f"{base}/bare", product.token, bare_workers, front)
    me = Target("me", "(c) Postern GET /me", f"{base}/me", product.token, [*workers, database], front)
    python = Target("python", "(d) Python GET /me", f"{base}/python/me", python_token, behind, front)
    checks.check(alone, bare, me, python)
    checks.check_one_count(python, counts, product.client.identity, cores)
    measure_in_turn([alone, bare, me, python], force, chosen.rounds)
    if product.workers() != workers:
        raise Failure("a worker was restarted under the load; see workers.log")

    say("memory and start")
    resident = [memory.worker_mib(pid, product.table) for pid in workers]
    starts = [startup.start_to_ready(product.worker_command, product.folder) for _ in range(STARTS)]
    return Results(alone, bare, me, python, resident, starts, force, threads, cores, busy)


def main() -> int:
    chosen = arguments()
    for number in SIGNALS:
        signal.signal(number, interrupt)
    try:
        with ExitStack() as ends:
            results = bench(chosen, ends)
    except Failure as failure:
        say(str(failure))
        return 1
    print(report.table(results), file=sys.stderr if chosen.json else sys.stdout)
    if chosen.json:
        print(report.as_json(results))
    return 0


sys.exit(main())
